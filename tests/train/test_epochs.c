/* The order of training windows: epochs are shuffles, each of its own, wherever one begins to draw. */
#include "train/epochs.h"

#include <string.h>

#include "support.h"

enum { COUNT = 7, DRAWN = 5 * COUNT };

static void epochs_are_shuffles(void **state) {
    (void)state;
    static const int64_t items[COUNT] = {3, 14, 15, 92, 65, 35, 89};
    int64_t drawn[DRAWN], again[DRAWN];
    int other = 0;
    bb_epochs e1;
    assert_ok(bb_epochs_create(items, COUNT, 6, &e1, e));
    bb_epochs_draw(&e1, 0, DRAWN, drawn);
    for (int epoch = 0; epoch < DRAWN / COUNT; ++epoch) {
        for (int i = 0; i < COUNT; ++i) {
            int times = 0;
            for (int k = 0; k < COUNT; ++k) times += drawn[epoch * COUNT + k] == items[i];
            assert_int_equal(times, 1);
        }
        other += memcmp(drawn + epoch * COUNT, drawn, sizeof items) != 0;
    }
    assert_true(other >= 3); /* of four, each the same as the first once in 5,040 times */
    for (int i = DRAWN; i-- > 0;) bb_epochs_draw(&e1, i, 1, again + i); /* backwards, one at a time */
    assert_memory_equal(drawn, again, sizeof drawn);
    bb_epochs_free(&e1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(epochs_are_shuffles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
