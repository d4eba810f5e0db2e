/* Texts of the global heap: HDF5 File Format Specification 3.0, III.E. */
#include <string.h>

#include "base/memory.h"
#include "io/hdf5.h"

/* Collections have 4096 bytes unless one object is larger; of such a one the beginning is enough. */
enum { HEAD = 16, MAX_COLLECTION = 1 << 20 };

void bb_hdf5_heap_free(bb_hdf5_heap *heap) {
    bb_free(heap->bytes);
    *heap = (bb_hdf5_heap){0};
}

static bool load(bb_hdf5_heap *heap, const bb_input *file, uint64_t base, uint64_t address) {
    unsigned char head[HEAD];
    const uint64_t end = (uint64_t)file->size;
    if (heap->bytes && heap->address == address) return true;
    bb_hdf5_heap_free(heap);
    if (base > end || address >= end - base || end - base - address < HEAD) return false;
    const uint64_t at = base + address;
    if (bb_input_read(file, (int64_t)at, head, HEAD, NULL) != BB_OK || memcmp(head, "GCOL\1", 5) != 0)
        return false;
    uint64_t size = bb_hdf5_word(head + 8, 8);
    if (size > end - at) size = end - at;
    if (size > MAX_COLLECTION) size = MAX_COLLECTION;
    if (size < 2 * HEAD || !(heap->bytes = bb_calloc((size_t)size, 1))) return false;
    heap->address = address;
    heap->size = (size_t)size;
    return bb_input_read(file, (int64_t)at, heap->bytes, heap->size, NULL) == BB_OK;
}

bool bb_hdf5_heap_text(bb_hdf5_heap *heap, const bb_input *file, uint64_t base, const unsigned char *id,
                       char *out, size_t room) {
    const uint64_t length = bb_hdf5_word(id, 4), address = bb_hdf5_word(id + 4, 8),
                   index = bb_hdf5_word(id + 12, 4);
    out[0] = '\0';
    if (length == 0 || address == 0) return true;
    if (index == 0 || !load(heap, file, base, address)) return false;
    for (size_t at = HEAD; at + HEAD <= heap->size;) {
        const unsigned char *object = heap->bytes + at;
        const uint64_t size = bb_hdf5_word(object + 8, 8), left = heap->size - at - HEAD;
        if (bb_hdf5_word(object, 2) == index) {
            uint64_t n = length < size ? length : size;
            if (n > left) n = left;
            if (n > room - 1) n = room - 1;
            memcpy(out, object + HEAD, (size_t)n);
            out[n] = '\0';
            return true;
        }
        if (bb_hdf5_word(object, 2) == 0 || size > left) return false;
        at += HEAD + ((size_t)size + 7) / 8 * 8;
    }
    return false;
}
