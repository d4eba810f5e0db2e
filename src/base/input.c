#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

bb_status bb_input_open(const char *path, bb_input *in, bb_error *err) {
    struct stat st;
    /* Without O_NONBLOCK, opening a pipe would wait for its writer. */
    *in = (bb_input){.path = path, .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (in->fd < 0 || fstat(in->fd, &st) != 0) return bb_fail_errno(err, "%s: cannot open", path);
    if (!S_ISREG(st.st_mode))
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected a file, found a %s", path,
                       S_ISDIR(st.st_mode) ? "directory" : "device, pipe or socket");
    in->size = (int64_t)st.st_size;
    return BB_OK;
}

bb_status bb_input_read(const bb_input *in, int64_t offset, void *out, size_t count, bb_error *err) {
    char *bytes = out;
    if (offset < 0 || offset > in->size || count > (uint64_t)(in->size - offset))
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected %zu bytes at byte %lld, found a file of %lld bytes",
                       in->path, count, (long long)offset, (long long)in->size);
    while (count > 0) {
        const ssize_t n = pread(in->fd, bytes, count, (off_t)offset);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return bb_fail_errno(err, "%s: cannot read at byte %lld", in->path, (long long)offset);
        if (n == 0)
            return bb_fail(err, BB_ERR_IO, "%s: the file was cut off at byte %lld while it was read",
                           in->path, (long long)offset);
        bytes += n;
        offset += n;
        count -= (size_t)n;
    }
    return BB_OK;
}

void bb_input_close(bb_input *in) {
    if (in->fd >= 0) close(in->fd);
    in->fd = -1;
}
