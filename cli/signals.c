#include "signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

static atomic_bool remembers, came;
static sigset_t ours;

/* On the thread below, or on an idle one that a library started before main. */
static void on_signal(int number) {
    if (remembers && !came) {
        came = true;
        return;
    }
    signal(number, SIG_DFL);
    raise(number); /* takes effect on return: as if there had been no handler */
}

static void *take_signals(void *unused) {
    pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
    for (;;) pause();
    return unused;
}

void signals_begin(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1};
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    pthread_t thread;
    sigemptyset(&ours);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i) {
        sigaddset(&ours, numbers[i]);
        sigaction(numbers[i], &action, NULL);
    }
    pthread_sigmask(SIG_BLOCK, &ours, NULL);
    if (pthread_create(&thread, NULL, take_signals, NULL) == 0)
        pthread_detach(thread);
    else
        pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
}

void signals_remember(void) { remembers = true; }
bool signals_came(void) { return came; }
