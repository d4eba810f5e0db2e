/* Results of decoding as a page that is read in a browser: pictures, tables, and in words what was done. */
#ifndef BRAINBERT_REPORT_H
#define BRAINBERT_REPORT_H

#include <stddef.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The longest text that is read, in bytes, and the most kinds of features in all texts together. */
enum { BB_REPORT_TEXT = 64 << 20, BB_REPORT_FEATURES = 64 };

/* Writes one HTML file from the text of results (JSON as `probe --json` prints it; docs/report.md has the
 * keys), whole or not at all. The file needs nothing else: pictures are inside as SVG, nothing is fetched,
 * and only the sorting of tables needs a script. The same text gives the same bytes in every locale. Names in
 * the text may be hostile: they are escaped, cut where they are too long, and bytes that are not UTF-8 are
 * replaced.
 *
 * BB_ERR_FORMAT for what is no JSON or has another kind of value than expected under a known key; keys that
 * are not known are passed over, those that are absent leave out what they would tell, and null is a number
 * that is not known. BB_ERR_ARGUMENT for NULL, BB_ERR_IO when `path` cannot be written. */
BB_API bb_status bb_report_write(const char *results_json, const char *path, bb_error *err);

/* One page of several texts: their tasks follow each other, and features have one colour throughout.
 * count > 0. */
BB_API bb_status bb_report_write_many(const char *const *results_json, size_t count, const char *path,
                                      bb_error *err);

/* Results to a file and back: whole or not at all; any JSON of up to 64 MB, to be freed with free(). */
BB_API bb_status bb_results_save(const char *results_json, const char *path, bb_error *err);
BB_API bb_status bb_results_load(const char *path, char **results_json, bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
