/* The page as a whole. */
#include "brainbert/report.h"

#include <locale.h>

#include "base/error.h"
#include "base/file.h"
#include "report/page.h"

static void put_name(bb_markup *m, const bb_task *task) {
    bb_markup_text(m, task->name && *task->name ? task->name : "task", BB_SHOWN_NAME);
}

/* Nothing is fetched, and no script runs but ours: what escaping might have missed stays text. */
static void head(bb_markup *m, const bb_results *results) {
    bb_markup_raw(m, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'; script-src '");
    bb_markup_raw(m, bb_page_script_hash);
    bb_markup_raw(m, "'\">\n<title>Decoding");
    for (size_t d = 0, named = 0; d < results->document_count; ++d)
        for (size_t t = 0; t < results->documents[d].task_count && named < 4; ++t, ++named) {
            bb_markup_raw(m, named ? ", " : ": ");
            put_name(m, &results->documents[d].tasks[t]);
        }
    bb_markup_raw(m, "</title>\n<style>\n");
    bb_markup_raw(m, bb_page_style);
    bb_markup_raw(m, "</style>\n</head>\n<body>\n<main>\n<h1>Decoding results</h1>\n");
}

static void contents(bb_markup *m, const bb_results *results) {
    size_t number = 0;
    bb_markup_raw(m, "<nav aria-label=\"Contents\">");
    for (size_t d = 0; d < results->document_count; ++d)
        for (size_t t = 0; t < results->documents[d].task_count; ++t) {
            bb_markup_printf(m, "<a href=\"#task-%zu\">", ++number);
            put_name(m, &results->documents[d].tasks[t]);
            bb_markup_raw(m, "</a>\n");
        }
    for (size_t d = 0; d < results->document_count; ++d)
        if (results->documents[d].dimension.present)
            bb_markup_printf(m, "<a href=\"#dimension-%zu\">Intrinsic dimension</a>\n", d + 1);
    bb_markup_raw(m, "</nav>\n");
}

static void task_section(bb_markup *m, const bb_results *results, const bb_task *task, size_t number) {
    bb_markup_printf(m, "<section id=\"task-%zu\"><h2>", number);
    put_name(m, task);
    bb_markup_raw(m, "</h2>\n");
    if (results->document_count > 1) bb_words_document(m, task->document);
    bb_words_task(m, task);
    if (task->result_count == 0 && task->summary_count == 0 && task->few_shot_count == 0)
        bb_markup_raw(m, "<p class=\"note\">There are no results of this task.</p>\n");
    bb_table_summary(m, results, task);
    bb_draw_electrodes(m, results, task);
    bb_draw_places(m, results, task);
    bb_draw_roc(m, results, task);
    bb_table_results(m, results, task);
    bb_draw_few_shot(m, results, task);
    bb_markup_raw(m, "</section>\n");
}

static void body(bb_markup *m, const bb_results *results) {
    size_t number = 0, dimensions = 0;
    if (results->document_count == 1) bb_words_document(m, &results->documents[0]);
    bb_words_warnings(m, results);
    contents(m, results);
    bb_draw_summary(m, results);
    for (size_t d = 0; d < results->document_count; ++d)
        for (size_t t = 0; t < results->documents[d].task_count; ++t)
            task_section(m, results, &results->documents[d].tasks[t], ++number);
    for (size_t d = 0; d < results->document_count; ++d) {
        if (!results->documents[d].dimension.present) continue;
        ++dimensions;
        bb_markup_printf(m, "<div id=\"dimension-%zu\">\n", d + 1);
        if (results->document_count > 1) bb_words_document(m, &results->documents[d]);
        bb_draw_dimension(m, &results->documents[d].dimension);
        bb_markup_raw(m, "</div>\n");
    }
    if (number == 0 && dimensions == 0) bb_markup_raw(m, "<p>There are no results in this file.</p>\n");
    bb_words_notes(m, results);
}

void bb_report_draw(bb_markup *m, const bb_results *results) {
    head(m, results);
    body(m, results);
    bb_markup_raw(m, "</main>\n<script>");
    bb_markup_raw(m, bb_page_script);
    bb_markup_raw(m, "</script>\n</body>\n</html>\n");
}

static bb_status write_page(const char *const *texts, size_t count, const char *path, bb_error *err) {
    bb_results results;
    bb_markup m = {0};
    bb_status status = bb_results_read(texts, count, &results, err);
    if (status == BB_OK) {
        bb_report_draw(&m, &results);
        status = m.failed ? bb_fail(err, BB_ERR_MEMORY, "%s: no memory for the page", path)
                          : bb_file_write(path, m.text, m.length, err);
    }
    bb_markup_free(&m);
    bb_results_free(&results);
    return status;
}

bb_status bb_report_write_many(const char *const *results_json, size_t count, const char *path,
                               bb_error *err) {
    if (!results_json || count == 0 || !path)
        return bb_fail(err, BB_ERR_ARGUMENT, "expected results and a path, found none");
    for (size_t i = 0; i < count; ++i)
        if (!results_json[i])
            return bb_fail(err, BB_ERR_ARGUMENT, "results %zu: expected text, found none", i + 1);
    /* Numbers of pictures have points, whatever the caller's locale. */
    const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!plain) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    const locale_t callers = uselocale(plain);
    const bb_status status = write_page(results_json, count, path, err);
    uselocale(callers);
    freelocale(plain);
    return status;
}

bb_status bb_report_write(const char *results_json, const char *path, bb_error *err) {
    return bb_report_write_many(&results_json, 1, path, err);
}
