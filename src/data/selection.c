#include "data/selection.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* The next name of a comma-separated list; NULL at its end. */
static const char *next_name(const char **list, size_t *length) {
    const char *at = *list;
    while (at && *at) {
        at += strspn(at, ", \t");
        const char *end = at + strcspn(at, ",");
        *list = end;
        *length = (size_t)(end - at);
        while (*length > 0 && (at[*length - 1] == ' ' || at[*length - 1] == '\t')) --*length;
        if (*length > 0) return at;
        at = end;
    }
    return NULL;
}

bool bb_list_holds(const char *list, const char *name) {
    size_t length;
    for (const char *at; (at = next_name(&list, &length));)
        if (strlen(name) == length && strncmp(at, name, length) == 0) return true;
    return false;
}

static const bb_channel *find_channel(const bb_recording_info *info, const char *name, size_t length) {
    for (size_t i = 0; i < info->channel_count; ++i)
        if (strlen(info->channels[i].name) == length && strncmp(info->channels[i].name, name, length) == 0)
            return &info->channels[i];
    return NULL;
}

static bb_status check_names(const bb_recording_info *info, const char *list, const char *what,
                             bb_error *err) {
    size_t length;
    for (const char *at; (at = next_name(&list, &length));)
        if (!find_channel(info, at, length))
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "%s: %s: expected the name of one of its %zu channels, found '%.*s'", info->path,
                           what, info->channel_count, (int)(length < 64 ? length : 64), at);
    return BB_OK;
}

/* "none" takes back what the recording's owners marked. */
static bool is_bad(const bb_channel *c, const char *bads) {
    if (bads && strcmp(bads, "none") == 0) return false;
    return c->bad || (bads && bb_list_holds(bads, c->name));
}

static bool has_rate(const bb_recording_info *info, const bb_channel *c) {
    return fabs(c->rate_hz - info->rate_hz) <= 1e-9 * info->rate_hz;
}

bb_status bb_select_inputs(const bb_recording_info *info, bb_reference reference, const char *names,
                           const char *bads, size_t **indices, bb_chain_channel **channels, size_t *count,
                           bb_error *err) {
    const bool by_name = names && reference == BB_REFERENCE_NONE;
    *count = 0;
    *indices = bb_calloc(info->channel_count, sizeof **indices);
    *channels = bb_calloc(info->channel_count, sizeof **channels);
    if (!*indices || !*channels)
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu channels", info->path, info->channel_count);
    if (bads && strcmp(bads, "none") != 0) BB_TRY(check_names(info, bads, "bads", err));
    if (by_name) BB_TRY(check_names(info, names, "channels", err));
    for (size_t i = 0; i < info->channel_count; ++i) {
        const bb_channel *c = &info->channels[i];
        if (by_name ? !bb_list_holds(names, c->name) : !bb_channel_is_brain(c->type)) continue;
        /* Without a reference a bad channel spoils nothing but itself, and is there if asked for by name. */
        if (reference == BB_REFERENCE_NONE && is_bad(c, bads) &&
            !(by_name && !(bads && bb_list_holds(bads, c->name))))
            continue;
        if (!has_rate(info, c)) {
            if (by_name)
                return bb_fail(err, BB_ERR_ARGUMENT,
                               "%s: channel %s has %g Hz, the recording's brain channels %g Hz", info->path,
                               c->name, c->rate_hz, info->rate_hz);
            continue;
        }
        (*indices)[*count] = i;
        (*channels)[(*count)++] = (bb_chain_channel){.name = c->name, .bad = is_bad(c, bads)};
    }
    return *count
               ? BB_OK
               : bb_fail(
                     err, BB_ERR_ARGUMENT,
                     "%s: none of its %zu channels records the brain and is not bad (--bads none uses those "
                     "marked bad)",
                     info->path, info->channel_count);
}

static bb_status fail_missing(const bb_chain *chain, const bb_chain_channel *channels, size_t channel_count,
                              const char *name, size_t length, const char *path, bb_error *err) {
    const int shown = (int)(length < 64 ? length : 64);
    for (size_t i = 0; i < channel_count; ++i)
        if (channels[i].bad && strlen(channels[i].name) == length &&
            strncmp(channels[i].name, name, length) == 0)
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "%s: channels: '%.*s' is marked bad, and re-referencing leaves bad ones out "
                           "(--bads none takes "
                           "the marks back; --reference none gives what is named)",
                           path, shown, name);
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "%s: channels: '%.*s' is not among the %zu that come out of re-referencing (a contact "
                   "needs its good neighbours; --reference none does without)",
                   path, shown, name, bb_chain_output_count(chain));
}

static bool comes_out(const bb_chain *chain, const char *name, size_t length) {
    for (size_t i = 0; i < bb_chain_output_count(chain); ++i) {
        const char *own = bb_chain_output_name(chain, i);
        if (strlen(own) == length && strncmp(own, name, length) == 0) return true;
    }
    return false;
}

bb_status bb_select_outputs(const bb_chain *chain, const bb_chain_channel *channels, size_t channel_count,
                            const char *names, const char *path, size_t **outputs, size_t *count,
                            bb_error *err) {
    const size_t all = bb_chain_output_count(chain);
    *count = 0;
    *outputs = bb_calloc(all, sizeof **outputs);
    if (!*outputs) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu channels", path, all);
    for (size_t i = 0; i < all; ++i)
        if (!names || bb_list_holds(names, bb_chain_output_name(chain, i))) (*outputs)[(*count)++] = i;
    size_t length;
    for (const char *at; (at = next_name(&names, &length));)
        if (!comes_out(chain, at, length))
            return fail_missing(chain, channels, channel_count, at, length, path, err);
    return *count ? BB_OK : bb_fail(err, BB_ERR_ARGUMENT, "%s: channels: the list names none", path);
}
