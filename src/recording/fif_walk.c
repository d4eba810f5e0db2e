/* The chain of tags and the tree of blocks that they make. The directory some files end with repeats what
 * the chain says and is not needed. */
#include "base/error.h"
#include "recording/fif.h"

enum { BLOCK_START = 104, BLOCK_END = 105, DATA_BUFFER = 300, NEXT_NONE = -1, MAX_DEPTH = 32 };

/* In the order in which one stands for the whole file: epochs come with the description of a measurement. */
static const struct {
    int32_t block;
    const char *what;
} contents[] = {{373, "epochs"},
                {104, "averages (evoked responses)"},
                {352, "a forward solution"},
                {356, "an inverse operator"},
                {374, "an ICA solution"},
                {355, "a covariance matrix"},
                {351, "source spaces"},
                {310, "a boundary-element model"},
                {361, "a list of events"},
                {BB_FIF_ANNOTATIONS, "annotations alone"},
                {313, "projections"},
                {200, "an MRI description"},
                {107, "digitized points"},
                {BB_FIF_MEAS_INFO, "the description of a measurement alone"}};
enum { CONTENT_COUNT = sizeof contents / sizeof *contents };

const char *bb_fif_content(uint32_t held) {
    for (size_t i = 0; i < CONTENT_COUNT; ++i)
        if (held >> i & 1) return contents[i].what;
    return "nothing known";
}

static const struct {
    int32_t block;
    bb_status (*take)(bb_fif_scan *, const bb_fif_tag *, bb_error *);
} takers[] = {{BB_FIF_ROOT, bb_fif_take_root},
              {BB_FIF_MEAS, bb_fif_take_meas},
              {BB_FIF_MEAS_INFO, bb_fif_take_info},
              {BB_FIF_CHANNEL_DETAILS, bb_fif_take_details},
              {BB_FIF_BAD_CHANNELS, bb_fif_take_bads},
              {BB_FIF_ANNOTATIONS, bb_fif_take_annotations},
              {BB_FIF_RAW_DATA, bb_fif_take_data},
              {BB_FIF_CONTINUOUS_DATA, bb_fif_take_data},
              {BB_FIF_SHIELDED_RAW_DATA, bb_fif_take_data},
              {BB_FIF_REFERENCE, bb_fif_take_reference}};

typedef struct walk {
    bb_fif_scan *scan;
    int32_t blocks[MAX_DEPTH];
    size_t depth;
} walk;

static void begin_block(bb_fif_scan *scan, int32_t block) {
    for (size_t i = 0; i < CONTENT_COUNT; ++i) scan->held |= (uint32_t)(contents[i].block == block) << i;
    scan->infos += block == BB_FIF_MEAS_INFO;
    scan->annotation_blocks += block == BB_FIF_ANNOTATIONS;
    scan->detailed += block == BB_FIF_CHANNEL_DETAILS;
    scan->raw_blocks +=
        block == BB_FIF_RAW_DATA || block == BB_FIF_CONTINUOUS_DATA || block == BB_FIF_SHIELDED_RAW_DATA;
    scan->shielded |= block == BB_FIF_SHIELDED_RAW_DATA;
    if (block == BB_FIF_REFERENCE) bb_fif_begin_reference(scan);
}

static bb_status change_block(walk *w, const bb_fif_tag *tag, bb_error *err) {
    const char *path = w->scan->file->path;
    int32_t block;
    BB_TRY(bb_fif_read_integer(w->scan->file, tag, &block, err));
    if (tag->kind == BLOCK_START) {
        if (w->depth == MAX_DEPTH)
            return bb_fail(err, BB_ERR_FORMAT, "%s: byte %lld: expected blocks at most %d deep", path,
                           (long long)tag->place, MAX_DEPTH);
        w->blocks[w->depth++] = block;
        begin_block(w->scan, block);
        return BB_OK;
    }
    if (w->depth == 0 || w->blocks[w->depth - 1] != block)
        return bb_fail(err, BB_ERR_FORMAT, "%s: byte %lld: expected the end of block %d, found that of %d",
                       path, (long long)tag->place, w->depth ? w->blocks[w->depth - 1] : BB_FIF_ROOT, block);
    --w->depth;
    if (block == BB_FIF_REFERENCE) bb_fif_end_reference(w->scan);
    return BB_OK;
}

static bb_status take_tag(walk *w, const bb_fif_tag *tag, bb_error *err) {
    if (tag->kind == BLOCK_START || tag->kind == BLOCK_END) return change_block(w, tag, err);
    const int32_t block = w->depth ? w->blocks[w->depth - 1] : BB_FIF_ROOT;
    for (size_t i = 0; i < sizeof takers / sizeof *takers; ++i)
        if (takers[i].block == block) return takers[i].take(w->scan, tag, err);
    return BB_OK;
}

/* The tag at `place`, and in *next where the one behind it begins; -1: there is none. */
static bb_status read_tag(const bb_input *file, int64_t place, bb_fif_tag *tag, int64_t *next,
                          bb_error *err) {
    unsigned char bytes[BB_FIF_TAG_BYTES];
    BB_TRY(bb_input_read(file, place, bytes, sizeof bytes, err));
    *tag = (bb_fif_tag){bb_fif_i32(bytes), bb_fif_i32(bytes + 4), bb_fif_i32(bytes + 8),
                        place + BB_FIF_TAG_BYTES};
    *next = bb_fif_i32(bytes + 12);
    if (tag->size < 0 || *next < NEXT_NONE || *next > file->size)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: tag %d at byte %lld: expected a size and the next tag's place within %lld bytes, "
                       "found %lld and %lld",
                       file->path, tag->kind, (long long)place, (long long)file->size, (long long)tag->size,
                       (long long)*next);
    if (*next == 0) *next = tag->place + tag->size;
    return BB_OK;
}

/* A recording that stopped while it was written is read as far as it goes; nothing else may be cut. */
static bb_status cut_tag(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err) {
    const int64_t left = scan->file->size - tag->place;
    if (scan->raw_blocks == 0)
        return bb_fail(err, BB_ERR_FORMAT, "%s: tag %d at byte %lld: expected %lld bytes, found %lld",
                       scan->file->path, tag->kind, (long long)tag->place, (long long)tag->size,
                       (long long)left);
    scan->cut_off = true;
    return BB_OK;
}

bb_status bb_fif_walk(bb_fif_scan *scan, bb_error *err) {
    walk w = {.scan = scan};
    const bb_input *file = scan->file;
    int64_t left = file->size / BB_FIF_TAG_BYTES, place = 0;
    /* Tags that follow each other cannot be more than fit; jumps backward could make a circle. */
    for (; place >= 0 && file->size - place >= BB_FIF_TAG_BYTES; --left) {
        bb_fif_tag tag;
        int64_t next;
        if (left == 0)
            return bb_fail(err, BB_ERR_FORMAT, "%s: the chain of tags runs in a circle at byte %lld",
                           file->path, (long long)place);
        BB_TRY(read_tag(file, place, &tag, &next, err));
        if (tag.size > file->size - tag.place) BB_TRY(cut_tag(scan, &tag, err));
        if (scan->cut_off && tag.kind != DATA_BUFFER) return BB_OK;
        BB_TRY(take_tag(&w, &tag, err));
        if (scan->cut_off) return BB_OK;
        place = next;
    }
    if (w.depth > 0 || (place >= 0 && place < file->size)) scan->cut_off = true;
    return BB_OK;
}
