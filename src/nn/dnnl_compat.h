/* oneDNN's C API in the few calls we make, the same for 2.x and 3.x: between them, descriptors became opaque
 * objects and the operation descriptors went away. */
#ifndef BB_NN_DNNL_COMPAT_H
#define BB_NN_DNNL_COMPAT_H

#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>

/* A memory descriptor that the caller releases with bb_md_free. */
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t bb_md;
typedef const_dnnl_memory_desc_t bb_const_md;
#else
typedef dnnl_memory_desc_t *bb_md;
typedef const dnnl_memory_desc_t *bb_const_md;
#endif

static inline void bb_md_free(bb_md md) {
#if DNNL_VERSION_MAJOR >= 3
    if (md) dnnl_memory_desc_destroy(md);
#else
    free(md);
#endif
}

/* [rows, columns] of `type` with the given strides; NULL on failure. */
static inline bb_md bb_md_strided(dnnl_data_type_t type, int64_t rows, int64_t columns, int64_t row_stride,
                                  int64_t column_stride) {
    const dnnl_dims_t dims = {rows, columns}, strides = {row_stride, column_stride};
#if DNNL_VERSION_MAJOR >= 3
    bb_md md = NULL;
    return dnnl_memory_desc_create_with_strides(&md, 2, dims, type, strides) == dnnl_success ? md : NULL;
#else
    bb_md md = malloc(sizeof *md);
    if (md && dnnl_memory_desc_init_by_strides(md, 2, dims, type, strides) == dnnl_success) return md;
    free(md);
    return NULL;
#endif
}

static inline dnnl_status_t bb_post_ops_add_sum(dnnl_post_ops_t ops) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_post_ops_append_sum(ops, 1.0f, 0, dnnl_data_type_undef);
#else
    return dnnl_post_ops_append_sum(ops, 1.0f);
#endif
}

static inline dnnl_status_t bb_matmul_pd_create(dnnl_primitive_desc_t *pd, dnnl_engine_t engine, bb_md source,
                                                bb_md weights, bb_md destination,
                                                dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_matmul_primitive_desc_create(pd, engine, source, weights, NULL, destination, attr);
#else
    dnnl_matmul_desc_t op;
    const dnnl_status_t status = dnnl_matmul_desc_init(&op, source, weights, NULL, destination);
    return status == dnnl_success ? dnnl_primitive_desc_create(pd, &op, attr, engine, NULL) : status;
#endif
}

#endif
