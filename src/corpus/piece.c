#include "corpus/piece.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"

bb_status bb_fail_stopped(bb_error *err) {
    return bb_fail(err, BB_ERR_CANCELLED, "stopped; the same call goes on where this one ended");
}

void bb_piece_close(bb_piece *p) {
    if (p->file.path) {
        bb_input_close(&p->file);
        bb_free((void *)(uintptr_t)p->file.path);
    }
    bb_free(p->rows);
    bb_free(p->stats);
    bb_free(p->sessions);
    cJSON_Delete(p->description);
    *p = (bb_piece){.file = {.fd = -1}};
}

bb_status bb_piece_check(const bb_piece *p, bb_error *err) {
    const size_t room = bb_row_room(&p->format);
    for (int64_t i = 0; i < p->row_count; ++i) {
        const bb_row *r = &p->rows[i];
        const bool inside = r->at >= 0 && r->at <= p->file.size && r->bytes <= p->file.size - r->at;
        if (!inside || r->bytes > room || r->bytes == 0)
            return bb_fail(err, BB_ERR_FORMAT,
                           "%s: window %lld: expected up to %zu bytes inside the file, found %u at byte %lld",
                           p->file.path, (long long)i, room, r->bytes, (long long)r->at);
        if (r->channel < 0 || (size_t)r->channel >= p->channel_count || !isfinite(r->start_s) ||
            !isfinite(r->scale))
            return bb_fail(
                err, BB_ERR_FORMAT,
                "%s: window %lld: expected one of %zu channels and a time, found channel %d at %g s",
                p->file.path, (long long)i, p->channel_count, r->channel, r->start_s);
    }
    return BB_OK;
}

bb_status bb_piece_read(const bb_piece *p, int64_t index, void *out, bb_error *err) {
    const bb_row *r = &p->rows[index];
    BB_TRY(bb_input_read(&p->file, r->at, out, r->bytes, err));
    if (bb_row_checksum(out, r->bytes) == r->checksum) return BB_OK;
    return bb_fail(err, BB_ERR_FORMAT, "%s: window %lld: its %u bytes at byte %lld are not those written",
                   p->file.path, (long long)index, r->bytes, (long long)r->at);
}
