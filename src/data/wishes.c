#include <math.h>
#include <stdio.h>

#include "brainbert/windows.h"

bb_signal_wishes bb_signal_wishes_none(void) { return (bb_signal_wishes){NAN, NAN, NAN, NAN, 0, -1}; }

static double chosen(double wish, double otherwise) { return isnan(wish) ? otherwise : wish; }

bb_signal_recipe bb_signal_recipe_for(const bb_signal_recipe *recipe, const bb_signal_wishes *wishes,
                                      const bb_recording_info *info) {
    bb_signal_recipe r = *recipe;
    if (info->preprocessed) {
        r.notch_hz = r.highpass_hz = r.bandpass_low_hz = r.bandpass_high_hz = 0;
        r.reference = BB_REFERENCE_NONE;
    } else if (info->mains_hz > 0 && r.notch_hz > 0) {
        r.notch_hz = info->mains_hz;
    }
    r.notch_hz = chosen(wishes->notch_hz, r.notch_hz);
    r.highpass_hz = chosen(wishes->highpass_hz, r.highpass_hz);
    r.bandpass_low_hz = chosen(wishes->bandpass_low_hz, r.bandpass_low_hz);
    r.bandpass_high_hz = chosen(wishes->bandpass_high_hz, r.bandpass_high_hz);
    if (wishes->harmonics > 0) r.notch_harmonics = wishes->harmonics;
    if (wishes->reference >= 0) r.reference = (bb_reference)wishes->reference;
    return r;
}

bool bb_mains_remark(const bb_signal_recipe *recipe, const bb_signal_wishes *wishes,
                     const bb_recording_info *info, char *text, size_t room) {
    const bool stated = info->mains_hz > 0 || !isnan(wishes->notch_hz);
    if (stated || info->preprocessed || !(recipe->notch_hz > 0)) return false;
    snprintf(text, room, "no mains frequency stated: %g Hz assumed; --notch says another", recipe->notch_hz);
    return true;
}
