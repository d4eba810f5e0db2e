#include <math.h>

#include "base/error.h"
#include "simulate/plan.h"

bb_simulation bb_simulation_default(void) {
    return (bb_simulation){.subjects = 1,
                           .channels = 16,
                           .seconds = 60,
                           .rate_hz = 2048,
                           .events = -1,
                           .mains_hz = 60,
                           .seed = 0};
}

static bb_status check_whole(const char *name, int64_t value, int64_t low, int64_t high, bb_error *err) {
    if (value >= low && value <= high) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "simulation: %s: expected %lld to %lld, found %lld", name,
                   (long long)low, (long long)high, (long long)value);
}

bb_status bb_simulation_check(const bb_simulation *wanted, bb_simulation *checked, bb_error *err) {
    *checked = *wanted;
    BB_TRY(check_whole("subjects", wanted->subjects, 1, 999, err));
    BB_TRY(check_whole("channels", wanted->channels, 1, BB_MAX_CONTACTS, err));
    BB_TRY(check_whole("rate_hz", wanted->rate_hz, 128, 65536, err));
    if (!(wanted->seconds >= 1 && wanted->seconds <= 1e6))
        return bb_fail(err, BB_ERR_ARGUMENT, "simulation: seconds: expected 1 to 1000000, found %g",
                       wanted->seconds);
    if (!(wanted->mains_hz > 0 && wanted->mains_hz < (double)wanted->rate_hz / 2))
        return bb_fail(err, BB_ERR_ARGUMENT, "simulation: mains_hz: expected above 0 and below %g, found %g",
                       (double)wanted->rate_hz / 2, wanted->mains_hz);
    /* Whole samples, so that the duration that the files state is the true one. */
    checked->seconds = (double)llround(wanted->seconds * (double)wanted->rate_hz) / (double)wanted->rate_hz;
    if (wanted->events == -1) checked->events = (int)(wanted->seconds / 2);
    /* Closer than one a second, the response to one would overlap the next one's baseline. */
    return check_whole("events", checked->events, 0, (int64_t)wanted->seconds, err);
}
