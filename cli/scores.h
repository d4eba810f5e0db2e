/* Results of decoding as tables on the terminal. */
#ifndef BB_CLI_SCORES_H
#define BB_CLI_SCORES_H

/* `results`: the JSON of docs/probe.md. */
void print_scores(const char *results);

#endif
