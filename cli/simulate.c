#include "brainbert/simulate.h"

#include <stdio.h>

#include "commands.h"
#include "json.h"
#include "progress.h"

static const command simulate_command = {"simulate", "OUT_DIR",
                                         "Writes a BIDS-iEEG dataset with a known truth: shafts, 1/f "
                                         "background, mains, spikes, events that some contacts respond to.",
                                         1, 1};

int run_simulate(int argc, char **argv) {
    bb_simulation s = bb_simulation_default();
    int64_t subjects = s.subjects, sessions = s.sessions, channels = s.channels, rate = s.rate_hz,
            events = s.events, responding = s.responding, unsound = s.unsound;
    const option options[] = {
        {"--subjects", "N", OPTION_INTEGER, &subjects, 1, 999, "how many"},
        {"--sessions", "N", OPTION_INTEGER, &sessions, 1, 99, "recordings of each subject"},
        {"--channels", "N", OPTION_INTEGER, &channels, 1, 9000, "contacts per subject"},
        {"--seconds", "S", OPTION_NUMBER, &s.seconds, 1, 1e6, "length of each recording"},
        {"--rate", "HZ", OPTION_INTEGER, &rate, 128, 100000, "samples per second"},
        {"--events", "N", OPTION_INTEGER, &events, -1, 1e6, "per recording; -1: one each 2 s"},
        {"--mains", "HZ", OPTION_NUMBER, &s.mains_hz, 0, 1000, "mains frequency; 0: none"},
        {"--snr", "DB", OPTION_NUMBER, &s.snr_db, -60, 60,
         "of a loud word's response on every responding contact; else drawn for each"},
        {"--responding", "N", OPTION_INTEGER, &responding, -1, 9000,
         "contacts that respond; -1: a quarter of the sound ones"},
        {"--unsound", "N", OPTION_INTEGER, &unsound, 0, 1e5,
         "flat or clipped stretches on sound contacts, per recording"},
        {"--extras", NULL, OPTION_FLAG, &s.extras, 0, 0, "a heart's channel and one of triggers besides"},
    };
    call c;
    const int status =
        parse_call(&simulate_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status >= 0) return status;
    s.subjects = (int)subjects;
    s.sessions = (int)sessions;
    s.channels = (int)channels;
    s.responding = (int)responding;
    s.unsound = (int)unsound;
    s.rate_hz = rate;
    s.events = (int)events;
    s.seed = (uint64_t)c.common.seed;
    bb_error err;
    progress_line line = progress_begin("simulating", &c.common);
    const bb_status done = bb_simulate(&s, c.arguments[0], progress_update, &line, &err);
    progress_end(&line);
    if (done != BB_OK) return complain(EXIT_FAILED, "%s", err.message);
    if (c.common.json) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "path", c.arguments[0]);
        cJSON_AddNumberToObject(json, "subjects", s.subjects);
        cJSON_AddNumberToObject(json, "sessions", s.sessions);
        cJSON_AddNumberToObject(json, "channels", s.channels);
        cJSON_AddNumberToObject(json, "seconds", bb_simulation_seconds(&s));
        print_json(json);
    } else if (!c.common.quiet)
        fprintf(stderr, "%s: %d subject%s, %d contacts, %.8g s at %lld Hz\n", c.arguments[0], s.subjects,
                s.subjects == 1 ? "" : "s", s.channels, bb_simulation_seconds(&s), (long long)s.rate_hz);
    return EXIT_DONE;
}
