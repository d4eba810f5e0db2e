/* The parts of the page, each in its file. Texts of unknown origin pass through bb_markup_text alone. */
#ifndef BB_REPORT_PAGE_H
#define BB_REPORT_PAGE_H

#include "report/markup.h"
#include "report/results.h"
#include "report/svg.h"

/* The whole page (report.c). */
void bb_report_draw(bb_markup *m, const bb_results *results);

/* The style sheet and the script, and what stands around the content (style.c). */
extern const char bb_page_style[], bb_page_script[], bb_page_script_hash[];

/* A picture under a heading: begin, perhaps a legend, panels, caption (more of it may follow; NULL: nothing
 * yet), end.
 */
void bb_figure_begin(bb_markup *m, const char *heading);
void bb_figure_panels(bb_markup *m);
void bb_figure_caption(bb_markup *m, const char *caption);
void bb_figure_end(bb_markup *m);

/* Marks with the features' names; for lines instead of marks too. */
void bb_legend_draw(bb_markup *m, const char *const *names, const int *series, int count);
void bb_legend_mark(bb_markup *m, int series);

/* A small picture's heading inside a figure of several. */
void bb_panel_begin(bb_markup *m, const char *name, int series);
void bb_panel_end(bb_markup *m);

/* The features that a task has results of, in the report's order; returns how many. */
int bb_task_features(const bb_task *task, int out[BB_REPORT_FEATURES]);
/* Whether its electrodes are of several subjects, so that a name alone does not tell one. */
bool bb_task_has_subjects(const bb_task *task);
/* "ROC-AUC", "Pearson r", or the measure as it is called. */
const char *bb_measure_name(const char *measure);
/* What the measure's axis may hold. */
bb_range bb_measure_limits(const char *measure);
/* Round numbers around all scores, intervals and controls of the task. */
bb_range bb_task_range(const bb_task *task);

/* What was done, in words (words.c), and warnings. */
void bb_words_task(bb_markup *m, const bb_task *task);
void bb_words_document(bb_markup *m, const bb_document *doc);
void bb_words_warnings(bb_markup *m, const bb_results *results);
void bb_words_notes(bb_markup *m, const bb_results *results);

/* Pictures and tables; what there is nothing to show of is left out. Those that need memory of their own
 * remember a failure in the markup. */
void bb_draw_summary(bb_markup *m, const bb_results *results);
void bb_draw_electrodes(bb_markup *m, const bb_results *results, const bb_task *task);
void bb_draw_places(bb_markup *m, const bb_results *results, const bb_task *task);
void bb_draw_few_shot(bb_markup *m, const bb_results *results, const bb_task *task);
void bb_draw_roc(bb_markup *m, const bb_results *results, const bb_task *task);
void bb_draw_dimension(bb_markup *m, const bb_dimension *dimension);
void bb_table_results(bb_markup *m, const bb_results *results, const bb_task *task);
void bb_table_few_shot(bb_markup *m, const bb_results *results, const bb_task *task);
void bb_table_summary(bb_markup *m, const bb_results *results, const bb_task *task);
void bb_table_dimension(bb_markup *m, const bb_dimension *dimension);

#endif
