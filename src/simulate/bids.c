#include "simulate/bids.h"

#include <stdio.h>

#include "base/error.h"
#include "simulate/text.h"

const char *bb_fault_text(bb_contact_fault fault) {
    static const char *const texts[] = {"none", "drift", "white noise", "flat stretches",
                                        "clipped stretches"};
    return texts[fault];
}

/* LABEL_SUFFIX in `folder`, the label being that of the subject and the session. */
static void open_text(bb_text *text, const char *folder, const bb_plan *plan, const char *suffix,
                      bb_error *err) {
    char name[96];
    snprintf(name, sizeof name, "%s_%s", plan->label, suffix);
    bb_text_open(text, folder, name, err);
}

const char *bb_extra_name(int extra) { return extra ? "TRIG" : "EKG"; }

static const char *class_of(const bb_word *word) { return word->loud ? "loud" : "soft"; }

/* The seed tells datasets apart that all have a sub-01. */
static bb_status write_description(const char *root, uint64_t seed, bb_error *err) {
    bb_text text;
    bb_text_open(&text, root, "dataset_description.json", err);
    bb_text_print(&text,
                  "{\n"
                  "  \"Name\": \"brainbert simulation, seed %llu\",\n"
                  "  \"BIDSVersion\": \"1.8.0\",\n"
                  "  \"DatasetType\": \"raw\",\n"
                  "  \"License\": \"CC0\",\n"
                  "  \"GeneratedBy\": [{\"Name\": \"brainbert\", \"Version\": \"%s\"}]\n"
                  "}\n",
                  (unsigned long long)seed, bb_version());
    return bb_text_close(&text);
}

static bb_status write_readme(const char *root, bb_error *err) {
    bb_text text;
    bb_text_open(&text, root, "README", err);
    bb_text_print(&text,
                  "Simulated intracranial recordings of word-like events; nobody was recorded.\n"
                  "What is true of them (responding and bad contacts, spikes, signal-to-noise ratios) is in\n"
                  "derivatives/truth/sub-*_truth.json.\n");
    return bb_text_close(&text);
}

static bb_status write_participants(const char *root, int subjects, bb_error *err) {
    bb_text text;
    bb_text_open(&text, root, "participants.tsv", err);
    bb_text_print(&text, "participant_id\n");
    for (int i = 0; i < subjects; ++i) bb_text_print(&text, "sub-%02d\n", i + 1);
    return bb_text_close(&text);
}

static bb_status write_event_columns(const char *root, bb_error *err) {
    bb_text text;
    bb_text_open(&text, root, "task-words_events.json", err);
    bb_text_print(
        &text, "{\n"
               "  \"trial_type\": {\"Description\": \"Kind of event and its class\",\n"
               "    \"Levels\": {\"word/loud\": \"a loud word\", \"word/soft\": \"a soft one\"}},\n"
               "  \"class\": {\"Description\": \"How strongly the event drives the responding contacts\",\n"
               "    \"Levels\": {\"loud\": \"strongly\", \"soft\": \"with half the size\"}}\n"
               "}\n");
    return bb_text_close(&text);
}

bb_status bb_bids_write_dataset(const char *root, int subjects, uint64_t seed, bb_error *err) {
    BB_TRY(write_description(root, seed, err));
    BB_TRY(write_readme(root, err));
    BB_TRY(write_participants(root, subjects, err));
    return write_event_columns(root, err);
}

static bb_status write_sidecar(const char *folder, const bb_plan *plan, bb_error *err) {
    bb_text text;
    char mains[32] = "\"n/a\""; /* BIDS asks for a number, or n/a where there is no line */
    if (plan->options.mains_hz > 0) snprintf(mains, sizeof mains, "%.10g", plan->options.mains_hz);
    open_text(&text, folder, plan, "task-words_run-01_ieeg.json", err);
    bb_text_print(&text,
                  "{\n"
                  "  \"TaskName\": \"words\",\n"
                  "  \"TaskDescription\": \"Simulated word-like events, loud and soft\",\n"
                  "  \"Manufacturer\": \"n/a\",\n"
                  "  \"SamplingFrequency\": %lld,\n"
                  "  \"PowerLineFrequency\": %s,\n",
                  (long long)plan->options.rate_hz, mains);
    bb_text_print(&text,
                  "  \"SoftwareFilters\": \"n/a\",\n"
                  "  \"HardwareFilters\": \"n/a\",\n"
                  "  \"iEEGReference\": \"one simulated contact, common to all channels\",\n"
                  "  \"iEEGGround\": \"n/a\",\n"
                  "  \"RecordingType\": \"continuous\",\n"
                  "  \"RecordingDuration\": %.10g,\n"
                  "  \"ECOGChannelCount\": 0,\n"
                  "  \"SEEGChannelCount\": %d,\n"
                  "  \"ECGChannelCount\": %d,\n"
                  "  \"TriggerChannelCount\": %d\n"
                  "}\n",
                  plan->options.seconds, plan->contact_count, plan->options.extras, plan->options.extras);
    return bb_text_close(&text);
}

static bb_status write_channels(const char *folder, const bb_plan *plan, bb_error *err) {
    bb_text text;
    open_text(&text, folder, plan, "task-words_run-01_channels.tsv", err);
    bb_text_print(&text, "name\ttype\tunits\tlow_cutoff\thigh_cutoff\tsampling_frequency\tgroup\tstatus\t"
                         "status_description\n");
    for (int i = 0; i < plan->contact_count; ++i) {
        const bb_contact_plan *c = &plan->contacts[i];
        bb_text_print(&text, "%s\tSEEG\tµV\tn/a\tn/a\t%lld\t%s\t%s\t%s\n", c->name,
                      (long long)plan->options.rate_hz, c->shaft_name, c->fault ? "bad" : "good",
                      c->fault ? bb_fault_text(c->fault) : "n/a");
    }
    for (int i = 0; plan->options.extras && i < BB_EXTRAS; ++i)
        bb_text_print(&text, "%s\t%s\tµV\tn/a\tn/a\t%lld\tn/a\tgood\tn/a\n", bb_extra_name(i),
                      i ? "TRIG" : "ECG", (long long)plan->options.rate_hz);
    return bb_text_close(&text);
}

static bb_status write_events(const char *folder, const bb_plan *plan, bb_error *err) {
    bb_text text;
    open_text(&text, folder, plan, "task-words_run-01_events.tsv", err);
    bb_text_print(&text, "onset\tduration\ttrial_type\tclass\n");
    for (int i = 0; i < plan->word_count; ++i) {
        const bb_word *word = &plan->words[i];
        bb_text_print(&text, "%.6f\t%.3f\tword/%s\t%s\n", word->onset_s, word->duration_s, class_of(word),
                      class_of(word));
    }
    return bb_text_close(&text);
}

/* Electrodes belong to the subject and not to a run: their names carry no task. */
static bb_status write_electrodes(const char *folder, const bb_plan *plan, bb_error *err) {
    bb_text text;
    open_text(&text, folder, plan, "electrodes.tsv", err);
    bb_text_print(&text, "name\tx\ty\tz\tsize\tgroup\themisphere\tregion\n");
    for (int i = 0; i < plan->contact_count; ++i) {
        const bb_contact_plan *c = &plan->contacts[i];
        bb_text_print(&text, "%s\t%.3f\t%.3f\t%.3f\t5\t%s\t%c\t%s\n", c->name, c->position[0], c->position[1],
                      c->position[2], c->shaft_name, c->shaft_name[0], c->region);
    }
    return bb_text_close(&text);
}

static bb_status write_coordinates(const char *folder, const bb_plan *plan, bb_error *err) {
    bb_text text;
    open_text(&text, folder, plan, "coordsystem.json", err);
    bb_text_print(&text, "{\n"
                         "  \"iEEGCoordinateSystem\": \"MNI152NLin2009cAsym\",\n"
                         "  \"iEEGCoordinateUnits\": \"mm\",\n"
                         "  \"iEEGCoordinateProcessingDescription\": \"simulated\"\n"
                         "}\n");
    return bb_text_close(&text);
}

bb_status bb_bids_write_recording(const char *folder, const bb_plan *plan, bb_error *err) {
    BB_TRY(write_sidecar(folder, plan, err));
    BB_TRY(write_channels(folder, plan, err));
    BB_TRY(write_events(folder, plan, err));
    BB_TRY(write_electrodes(folder, plan, err));
    return write_coordinates(folder, plan, err);
}
