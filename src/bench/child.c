#include "bench/child.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

/* What the child sends: shorter than a pipe holds, so that it never waits for a reader. */
typedef struct reply {
    bb_status status;
    bb_error err;
    unsigned char result[BB_CHILD_RESULT];
} reply;

static bool write_all(int fd, const void *data, size_t size) {
    for (size_t done = 0; done < size;) {
        const ssize_t count = write(fd, (const char *)data + done, size - done);
        if (count < 0 && errno != EINTR) return false;
        if (count > 0) done += (size_t)count;
    }
    return true;
}

static bool read_all(int fd, void *data, size_t size) {
    for (size_t done = 0; done < size;) {
        const ssize_t count = read(fd, (char *)data + done, size - done);
        if (count == 0 || (count < 0 && errno != EINTR)) return false;
        if (count > 0) done += (size_t)count;
    }
    return true;
}

typedef struct task {
    bb_child_work *work;
    const void *context;
    reply *reply;
} task;

static void *do_task(void *argument) {
    const task *t = argument;
    t->reply->status = t->work(t->context, t->reply->result, &t->reply->err);
    return NULL;
}

/* In a new thread: where the parent computed with OpenMP, the child's first thread would wait for helpers
 * that did not come along, and a new one has its own. */
static void do_in_thread(const task *t) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, do_task, (void *)t) != 0) {
        t->reply->status = bb_fail(&t->reply->err, BB_ERR_MEMORY, "cannot start a thread");
        return;
    }
    pthread_join(thread, NULL);
}

/* The child's whole life. It ends with its parent, and with Ctrl-C, after which the parent cleans up. */
_Noreturn static void work_and_exit(int fd, pid_t parent, bb_child_work *work, const void *context) {
    static reply r;
    sigset_t none;
    sigemptyset(&none);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL); /* the parent may have blocked them */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    do_in_thread(&(task){work, context, &r});
    _exit(write_all(fd, &r, sizeof r) ? 0 : 1);
}

static bb_status wait_for(pid_t pid, struct rusage *usage, int *ending, bb_error *err) {
    while (wait4(pid, ending, 0, usage) < 0)
        if (errno != EINTR) return bb_fail_errno(err, "cannot wait for a process");
    return BB_OK;
}

static bb_status take(const reply *r, bool whole, int ending, void *result, size_t size, bb_error *err) {
    if (!whole && WIFSIGNALED(ending))
        return bb_fail(err, BB_ERR_MEMORY, "a process that measures was ended by signal %d",
                       WTERMSIG(ending));
    if (!whole) return bb_fail(err, BB_ERR_IO, "a process that measures ended without a result");
    if (r->status != BB_OK) return bb_fail(err, r->status, "%s", r->err.message);
    memcpy(result, r->result, size);
    return BB_OK;
}

bb_status bb_child_run(bb_child_work *work, const void *context, void *result, size_t size,
                       double *peak_bytes, bb_error *err) {
    int ends[2], ending = 0;
    struct rusage usage = {0};
    reply r = {0};
    if (pipe(ends) != 0) return bb_fail_errno(err, "cannot make a pipe");
    const pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        close(ends[0]);
        work_and_exit(ends[1], parent, work, context);
    }
    close(ends[1]);
    const bool whole = pid > 0 && read_all(ends[0], &r, sizeof r);
    close(ends[0]);
    if (pid < 0) return bb_fail_errno(err, "cannot start a process");
    BB_TRY(wait_for(pid, &usage, &ending, err));
    if (peak_bytes) *peak_bytes = 1024.0 * (double)usage.ru_maxrss;
    return take(&r, whole, ending, result, size, err);
}
