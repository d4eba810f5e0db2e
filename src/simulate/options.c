#include <math.h>

#include "base/error.h"
#include "brainbert/recording.h"
#include "simulate/plan.h"

bb_simulation bb_simulation_default(void) {
    return (bb_simulation){.subjects = 1,
                           .sessions = 1,
                           .channels = 16,
                           .seconds = 60,
                           .rate_hz = 2048,
                           .events = -1,
                           .mains_hz = 60,
                           .snr_db = NAN,
                           .responding = -1};
}

static bb_status check_whole(const char *name, int64_t value, int64_t low, int64_t high, bb_error *err) {
    if (value >= low && value <= high) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "simulation: %s: expected %lld to %lld, found %lld", name,
                   (long long)low, (long long)high, (long long)value);
}

/* One bad contact in 16. */
int bb_plan_bad_count(int contacts) { return (contacts + 8) / 16; }

static bb_status check_numbers(const bb_simulation *wanted, bb_error *err) {
    if (!(wanted->seconds >= 1 && wanted->seconds <= 1e6))
        return bb_fail(err, BB_ERR_ARGUMENT, "simulation: seconds: expected 1 to 1000000, found %g",
                       wanted->seconds);
    if (!(wanted->mains_hz >= 0 && wanted->mains_hz < (double)wanted->rate_hz / 2))
        return bb_fail(err, BB_ERR_ARGUMENT, "simulation: mains_hz: expected 0 to below %g, found %g",
                       (double)wanted->rate_hz / 2, wanted->mains_hz);
    if (!isnan(wanted->snr_db) && !(fabs(wanted->snr_db) <= 60))
        return bb_fail(err, BB_ERR_ARGUMENT, "simulation: snr_db: expected -60 to 60, found %g",
                       wanted->snr_db);
    return BB_OK;
}

/* The nearest length that fills whole records of an EDF file, so that what the files state is the true one
 * and nothing stands behind the last sample. Whole seconds do, so the search ends. */
static int64_t nearest_samples(const bb_simulation *s) {
    const int64_t asked = llround(s->seconds * (double)s->rate_hz);
    const size_t rows = (size_t)s->channels + (s->extras ? BB_EXTRAS : 0);
    for (int64_t off = 0;; ++off) {
        if (asked - off >= s->rate_hz && bb_edf_record_samples(rows, s->rate_hz, asked - off) > 0)
            return asked - off;
        if (bb_edf_record_samples(rows, s->rate_hz, asked + off) > 0) return asked + off;
    }
}

bb_status bb_simulation_check(const bb_simulation *wanted, bb_simulation *checked, bb_error *err) {
    *checked = *wanted;
    BB_TRY(check_whole("subjects", wanted->subjects, 1, 999, err));
    BB_TRY(check_whole("sessions", wanted->sessions, 1, 99, err));
    BB_TRY(check_whole("channels", wanted->channels, 1, BB_MAX_CONTACTS, err));
    BB_TRY(check_whole("rate_hz", wanted->rate_hz, 128, 65536, err));
    BB_TRY(check_numbers(wanted, err));
    checked->seconds = (double)nearest_samples(wanted) / (double)wanted->rate_hz;
    if (wanted->events == -1) checked->events = (int)(wanted->seconds / 2);
    const int sound = wanted->channels - bb_plan_bad_count(wanted->channels);
    if (wanted->responding == -1) checked->responding = sound < 4 ? 1 : (sound + 2) / 4;
    BB_TRY(check_whole("responding", checked->responding, 0, sound, err));
    /* One in each 10 s leaves most of every recording sound. */
    BB_TRY(check_whole("unsound", wanted->unsound, 0, (int64_t)ceil(wanted->seconds / 10), err));
    /* Closer than one a second, the response to one would overlap the next one's baseline. */
    return check_whole("events", checked->events, 0, (int64_t)wanted->seconds, err);
}

double bb_simulation_seconds(const bb_simulation *simulation) {
    bb_simulation checked;
    return bb_simulation_check(simulation, &checked, NULL) == BB_OK ? checked.seconds : NAN;
}
