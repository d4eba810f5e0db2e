/* Decimal numbers in text fields of files, the same in every locale. */
#ifndef BB_BASE_DECIMAL_H
#define BB_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parses a number at the start of the `length` bytes at `text`, behind blanks: sign, digits, a point or a
 * comma, digits, an exponent. Returns the number of bytes used, 0 if there is none or it is not finite. */
size_t bb_decimal_parse(const char *text, size_t length, double *out);

/* Room for bb_decimal_write's longest text. */
enum { BB_DECIMAL_ROOM = 40 };

/* Writes value / 10^decimals without trailing zeros ("-12.5", "3", "0") and returns its length. `decimals` is
 * 0 to 18. */
size_t bb_decimal_write(int64_t value, int decimals, char *out);

#endif
