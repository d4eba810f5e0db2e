#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

/* Opens a regular file for reading and tells its size; -1 with the error set. O_NONBLOCK, because opening a
 * pipe would otherwise wait for somebody to write to it. */
static int open_regular(const char *path, size_t *size, bb_error *err) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        bb_fail_errno(err, "%s: cannot open", path);
        if (fd >= 0) close(fd);
        return -1;
    }
    if (!S_ISREG(st.st_mode)) {
        bb_fail(err, BB_ERR_IO, "%s: expected a file, found %s", path,
                S_ISDIR(st.st_mode) ? "a directory" : "something else");
        close(fd);
        return -1;
    }
    *size = (size_t)st.st_size;
    return fd;
}

bb_status bb_map_open(const char *path, bb_map *map, bb_error *err) {
    *map = (bb_map){0};
    const int fd = open_regular(path, &map->size, err);
    if (fd < 0) return BB_ERR_IO;
    if (map->size > 0) {
        void *data = mmap(NULL, map->size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data == MAP_FAILED) {
            bb_fail_errno(err, "%s: cannot map %zu bytes", path, map->size);
            close(fd);
            *map = (bb_map){0};
            return BB_ERR_IO;
        }
        map->data = data;
    }
    close(fd);
    return BB_OK;
}

void bb_map_close(bb_map *map) {
    if (map->data) munmap((void *)map->data, map->size);
    *map = (bb_map){0};
}

void bb_map_release(const bb_map *map, size_t first, size_t count) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t begin = (first + page - 1) / page * page, end = (first + count) / page * page;
    if (map->data && end > begin && end <= map->size)
        madvise((void *)(map->data + begin), end - begin, MADV_DONTNEED);
}

static bb_status read_fully(int fd, const char *path, char *data, size_t size, bb_error *err) {
    for (size_t done = 0; done < size;) {
        const ssize_t n = read(fd, data + done, size - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return bb_fail_errno(err, "%s: cannot read", path);
        if (n == 0)
            return bb_fail(err, BB_ERR_IO, "%s: ended at byte %zu, expected %zu bytes", path, done, size);
        done += (size_t)n;
    }
    return BB_OK;
}

bb_status bb_file_read(const char *path, size_t limit, char **text, size_t *size, bb_error *err) {
    *text = NULL;
    size_t bytes;
    const int fd = open_regular(path, &bytes, err);
    if (fd < 0) return BB_ERR_IO;
    bb_status status = BB_OK;
    if (bytes > limit)
        status = bb_fail(err, BB_ERR_FORMAT, "%s: expected at most %zu bytes, found %zu", path, limit, bytes);
    else if (!(*text = bb_calloc(bytes + 1, 1)))
        status = bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu bytes", path, bytes);
    else
        status = read_fully(fd, path, *text, bytes, err);
    close(fd);
    if (status != BB_OK) {
        bb_free(*text);
        *text = NULL;
    }
    if (size) *size = bytes;
    return status;
}

bool bb_file_exists(const char *path) {
    struct stat st;
    return stat(path, &st) == 0;
}

bool bb_is_directory(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bb_status bb_make_directories(const char *path, bb_error *err) {
    char *copy = bb_strdup(path);
    if (!copy) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    bb_status status = BB_OK;
    for (char *c = copy + 1; status == BB_OK; ++c) {
        const char kept = *c;
        if (kept != '/' && kept != '\0') continue;
        *c = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) status = bb_fail_errno(err, "%s: cannot create", copy);
        *c = kept;
        if (kept == '\0') break;
    }
    bb_free(copy);
    if (status == BB_OK && !bb_is_directory(path))
        status = bb_fail(err, BB_ERR_IO, "%s: expected a directory, found a file", path);
    return status;
}

bb_status bb_fail_create(bb_error *err, const char *path) {
    if (errno == ENOENT) return bb_fail(err, BB_ERR_IO, "%s: cannot create: no such folder", path);
    return bb_fail_errno(err, "%s: cannot create", path);
}

char *bb_output_target(const char *path) {
    struct stat st;
    char *target = lstat(path, &st) == 0 && S_ISLNK(st.st_mode) ? realpath(path, NULL) : NULL;
    char *copy = bb_strdup(target ? target : path);
    free(target);
    return copy;
}

bb_status bb_output_open(const char *path, bb_output *out, bb_error *err) {
    struct stat st;
    *out = (bb_output){.fd = -1};
    /* Said now: the rename would fail, or put a file in a device's place, only when all work is done. */
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return bb_fail(err, BB_ERR_IO, "%s: cannot create: expected a file, found %s", path,
                       S_ISDIR(st.st_mode) ? "a directory" : "something else");
    out->path = bb_output_target(path);
    const size_t room = (out->path ? strlen(out->path) : 0) + 32;
    out->temp_path = bb_calloc(room, 1);
    if (!out->path || !out->temp_path) {
        bb_output_discard(out);
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    }
    bb_remove_torn(out->path);
    snprintf(out->temp_path, room, "%s.tmp.%ld", out->path, (long)getpid());
    out->fd = open(out->temp_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out->fd < 0) {
        const bb_status status = bb_fail_create(err, path);
        bb_output_discard(out);
        return status;
    }
    return BB_OK;
}

static bb_status write_fully(int fd, const char *path, const void *data, size_t size, bb_error *err) {
    const char *bytes = data;
    while (size > 0) {
        const ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return bb_fail_errno(err, "%s: cannot write", path);
        bytes += n;
        size -= (size_t)n;
    }
    return BB_OK;
}

bb_status bb_output_write(bb_output *out, const void *data, size_t size, bb_error *err) {
    return write_fully(out->fd, out->path, data, size, err);
}

bb_status bb_output_write_at(bb_output *out, int64_t offset, const void *data, size_t size, bb_error *err) {
    const char *bytes = data;
    while (size > 0) {
        const ssize_t n = pwrite(out->fd, bytes, size, (off_t)offset);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return bb_fail_errno(err, "%s: cannot write at byte %lld", out->path, (long long)offset);
        bytes += n;
        offset += n;
        size -= (size_t)n;
    }
    return BB_OK;
}

bb_status bb_output_printf(bb_output *out, bb_error *err, const char *format, ...) {
    char small[512];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    char *text = small;
    if (n >= (int)sizeof small && (text = bb_calloc((size_t)n + 1, 1)))
        vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    if (n < 0 || !text) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory to format a line", out->path);
    const bb_status status = bb_output_write(out, text, (size_t)n, err);
    if (text != small) bb_free(text);
    return status;
}

/* A rename survives a power cut only once its directory is on disk too. */
static void sync_directory(const char *path) {
    char *directory = bb_path_directory(path);
    const int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    bb_free(directory);
}

bb_status bb_output_commit(bb_output *out, bb_error *err) {
    /* A library may have replaced the file behind our descriptor: sync what the name leads to. */
    const int fd = open(out->temp_path, O_RDONLY | O_CLOEXEC);
    const bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    if (!synced) return bb_fail_errno(err, "%s: cannot put the finished file in place", out->path);
    BB_TRY(bb_output_place(out, err));
    sync_directory(out->path);
    return BB_OK;
}

bb_status bb_output_place(bb_output *out, bb_error *err) {
    if (rename(out->temp_path, out->path) != 0)
        return bb_fail_errno(err, "%s: cannot put the finished file in place", out->path);
    bb_free(out->temp_path);
    out->temp_path = NULL;
    return BB_OK;
}

void bb_output_discard(bb_output *out) {
    if (out->fd >= 0) close(out->fd);
    if (out->temp_path && out->fd >= 0) unlink(out->temp_path);
    bb_free(out->path);
    bb_free(out->temp_path);
    *out = (bb_output){.fd = -1};
}

bb_status bb_file_write(const char *path, const void *data, size_t size, bb_error *err) {
    bb_output out;
    BB_TRY(bb_output_open(path, &out, err));
    bb_status status = bb_output_write(&out, data, size, err);
    if (status == BB_OK) status = bb_output_commit(&out, err);
    bb_output_discard(&out);
    return status;
}

bb_status bb_file_append(const char *path, const void *data, size_t size, bb_error *err) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) return bb_fail_create(err, path);
    const bb_status status = write_fully(fd, path, data, size, err);
    if (close(fd) != 0 && status == BB_OK) return bb_fail_errno(err, "%s: cannot write", path);
    return status;
}

char *bb_path_join(const char *directory, const char *name) {
    const size_t n = strlen(directory) + strlen(name) + 2;
    char *path = bb_calloc(n, 1);
    if (path)
        snprintf(path, n, "%s%s%s", directory, *directory && !bb_has_suffix(directory, "/") ? "/" : "", name);
    return path;
}

char *bb_path_directory(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) return bb_strdup(".");
    return bb_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

const char *bb_path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool bb_has_suffix(const char *path, const char *suffix) {
    const size_t n = strlen(path), m = strlen(suffix);
    return n >= m && strcasecmp(path + n - m, suffix) == 0;
}
