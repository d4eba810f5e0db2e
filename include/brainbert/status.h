/* Status codes and the error record every fallible call fills.
 *
 * The library never prints, never exits and never reads the environment: a call that can fail returns a
 * bb_status and, when it is not BB_OK, has written one sentence into the caller's bb_error that names the
 * file, the place in it, what was expected and what was found. `err` may be NULL everywhere. */
#ifndef BRAINBERT_STATUS_H
#define BRAINBERT_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define BB_API __attribute__((visibility("default")))
#define BB_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define BB_API
#define BB_PRINTF(fmt, args)
#endif

typedef enum bb_status {
    BB_OK = 0,
    BB_ERR_ARGUMENT,    /* the call itself is wrong: a shape, a range, an option */
    BB_ERR_IO,          /* the system refused: no such file, disk full */
    BB_ERR_FORMAT,      /* a file is damaged, cut off, or not what it says it is */
    BB_ERR_UNSUPPORTED, /* a sound file of a kind we do not read or without what is asked of it, or a
                           processor without a needed unit */
    BB_ERR_REFUSED,     /* a file asks for something we never do, such as running code */
    BB_ERR_MEMORY,      /* an allocation failed or would exceed its bound */
    BB_ERR_CANCELLED    /* the caller's progress callback asked to stop */
} bb_status;

enum { BB_ERROR_LENGTH = 1024 };

typedef struct bb_error {
    bb_status status;
    char message[BB_ERROR_LENGTH]; /* one sentence, no newline, always terminated */
} bb_error;

/* The code's name in lower case ("format"); never NULL. */
BB_API const char *bb_status_name(bb_status status);

/* The library's version, "MAJOR.MINOR.PATCH". */
BB_API const char *bb_version(void);

#ifdef __cplusplus
}
#endif
#endif
