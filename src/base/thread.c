#include "base/thread.h"

#include <errno.h>
#include <signal.h>

#include "base/error.h"

bb_status bb_thread_start(pthread_t *thread, void *(*work)(void *context), void *context, bb_error *err) {
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    sigset_t blocked, before;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof own / sizeof *own; ++i) sigdelset(&blocked, own[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    errno = pthread_create(thread, NULL, work, context);
    const bb_status status = errno == 0 ? BB_OK : bb_fail_errno(err, "cannot start a thread");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}
