#include "method.h"

#include <math.h>
#include <string.h>

method_options method_defaults(void) {
    return (method_options){.cycles = NAN, .bins = -1, .hop = -1, .trim = -1};
}

option method_row(method_options *m, const char *help) {
    return (option){"--method", "NAME", OPTION_WORD, &m->method, 0, 0, help};
}

void method_rows(method_options *m, const char *help, option out[METHOD_OPTIONS]) {
    const option rows[METHOD_OPTIONS] = {
        method_row(m, help),
        {"--frequencies", "LOW-HIGH", OPTION_WORD, &m->frequencies, 0, 0,
         "of superlet or morlet, in Hz; default: 0.1-200, 10-198"},
        {"--orders", "LOW-HIGH", OPTION_WORD, &m->orders, 0, 0, "of the superlet; default: 3-30"},
        {"--cycles", "N", OPTION_NUMBER, &m->cycles, 1e-3, 1e4,
         "of the superlet's first order, of the morlet; default: 1, 7"},
        {"--multiplicative", NULL, OPTION_FLAG, &m->multiplicative, 0, 0,
         "superlet: all orders at every frequency; default: adaptive, fractional"},
        {"--bins", "N", OPTION_INTEGER, &m->bins, 1, 4096, "frequencies; default: 40, morlet 48"},
        {"--hop", "N", OPTION_INTEGER, &m->hop, 1, 65536,
         "samples from frame to frame; default: 50, morlet 60"},
        {"--trim", "N", OPTION_INTEGER, &m->trim, 0, 4096,
         "frames dropped at each end; default: 10, superlet 5"},
    };
    memcpy(out, rows, sizeof rows);
}

bool method_said(const method_options *m) {
    return m->method || m->frequencies || m->orders || !isnan(m->cycles) || m->multiplicative ||
           m->bins >= 0 || m->hop >= 0 || m->trim >= 0;
}

int method_recipe(const method_options *m, double rate_hz, bb_spectrogram_recipe *out) {
    bb_spectrogram_method method = BB_SPECTROGRAM_STFT;
    if (m->method && !bb_spectrogram_method_from_name(m->method, &method))
        return complain(EXIT_USAGE, "--method: expected stft, superlet or morlet, found '%s'", m->method);
    *out = bb_spectrogram_recipe_for(method);
    out->rate_hz = rate_hz;
    const bool superlet = method == BB_SPECTROGRAM_SUPERLET;
    if (method == BB_SPECTROGRAM_STFT && (m->frequencies || !isnan(m->cycles)))
        return complain(EXIT_USAGE, "%s: belongs to superlet and morlet, found --method stft",
                        m->frequencies ? "--frequencies" : "--cycles");
    if (!superlet && (m->orders || m->multiplicative))
        return complain(EXIT_USAGE, "%s: belongs to superlet, found --method %s",
                        m->orders ? "--orders" : "--multiplicative", bb_spectrogram_method_name(method));
    if (m->frequencies && !parse_range(m->frequencies, &out->low_hz, &out->high_hz))
        return complain(EXIT_USAGE, "--frequencies: expected two in Hz such as 0.1-200, found '%s'",
                        m->frequencies);
    if (m->orders && !parse_range(m->orders, &out->order_min, &out->order_max))
        return complain(EXIT_USAGE, "--orders: expected two such as 3-30, found '%s'", m->orders);
    if (!isnan(m->cycles)) out->cycles = m->cycles;
    if (m->multiplicative) out->adaptive = 0;
    if (m->bins >= 0) out->bins = (int)m->bins;
    if (m->hop >= 0) out->hop = (int)m->hop;
    if (m->trim >= 0) out->trim = (int)m->trim;
    return -1;
}
