#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "signals.h"

double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

progress_line progress_begin(const char *what, const common_options *common) {
    signals_remember(); /* the work ends at its next step, with what was half-written removed */
    return (progress_line){
        .what = what, .enabled = !common->quiet && isatty(STDERR_FILENO), .begun = seconds_now()};
}

static void print_duration(double s) {
    if (s >= 3600)
        fprintf(stderr, "%d:%02d h", (int)(s / 3600), (int)(s / 60) % 60);
    else if (s >= 60)
        fprintf(stderr, "%d:%02d min", (int)(s / 60), (int)s % 60);
    else
        fprintf(stderr, "%.0f s", s);
}

int progress_update(void *context, int64_t done, int64_t total) {
    progress_line *line = context;
    if (line->all > 0) done += line->before, total = line->all;
    const double at = seconds_now(), elapsed = at - line->begun;
    if (!line->enabled || elapsed < 2 || at - line->drawn < 0.1 || done <= 0) return signals_came();
    line->drawn = at;
    line->shown = true;
    const double share = (double)done / (double)total;
    enum { WIDTH = 30 };
    char bar[WIDTH + 1];
    for (int i = 0; i < WIDTH; ++i) bar[i] = i < (int)(share * WIDTH) ? '#' : '.';
    bar[WIDTH] = '\0';
    fprintf(stderr, "\r\033[K%s [%s] %5.1f %%, ", line->what, bar, 100 * share);
    print_duration(elapsed * (1 - share) / share);
    fputs(" left", stderr);
    fflush(stderr);
    return signals_came();
}

void progress_end(progress_line *line) {
    if (line->shown) fputs("\r\033[K", stderr);
    line->shown = false;
}
