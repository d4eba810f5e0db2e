#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "recording/channel_type.h"

enum { NAME_ROOM = 64 };

typedef struct word {
    const char *text;
    bb_channel_type type;
} word;

/* The first word of "TYPE NAME" labels (EDF+, section 2.1.1). Clinical systems call every brain channel "EEG"
 * and every other one "POL"; what such a channel is, its second word says. */
static const word prefixes[] = {{"SEEG", BB_CHANNEL_SEEG}, {"ECOG", BB_CHANNEL_ECOG},
                                {"IEEG", BB_CHANNEL_IEEG}, {"EEG", BB_CHANNEL_IEEG},
                                {"POL", BB_CHANNEL_IEEG},  {"DBS", BB_CHANNEL_DBS}};

/* Letters a name starts with, whatever number, sign or suffix follows: "EKG1", "ECG+", "REF-2". */
static const word stems[] = {
    {"EKG", BB_CHANNEL_ECG},       {"ECG", BB_CHANNEL_ECG},        {"EKGL", BB_CHANNEL_ECG},
    {"EKGR", BB_CHANNEL_ECG},      {"ECGL", BB_CHANNEL_ECG},       {"ECGR", BB_CHANNEL_ECG},
    {"EMG", BB_CHANNEL_EMG},       {"EMGL", BB_CHANNEL_EMG},       {"EMGR", BB_CHANNEL_EMG},
    {"EOG", BB_CHANNEL_EOG},       {"EOGL", BB_CHANNEL_EOG},       {"EOGR", BB_CHANNEL_EOG},
    {"HEOG", BB_CHANNEL_EOG},      {"VEOG", BB_CHANNEL_EOG},       {"REF", BB_CHANNEL_REF},
    {"REFERENCE", BB_CHANNEL_REF}, {"TRIG", BB_CHANNEL_TRIG},      {"TRIGGER", BB_CHANNEL_TRIG},
    {"TTL", BB_CHANNEL_TRIG},      {"STI", BB_CHANNEL_TRIG},       {"STIM", BB_CHANNEL_TRIG},
    {"SYNC", BB_CHANNEL_TRIG},     {"DIN", BB_CHANNEL_TRIG},       {"EVENT", BB_CHANNEL_TRIG},
    {"EVENTS", BB_CHANNEL_TRIG},   {"STATUS", BB_CHANNEL_TRIG},    {"MRK", BB_CHANNEL_TRIG},
    {"MARKER", BB_CHANNEL_TRIG},   {"MARK", BB_CHANNEL_TRIG},      {"MKR", BB_CHANNEL_TRIG},
    {"EVT", BB_CHANNEL_TRIG},      {"TRG", BB_CHANNEL_TRIG},       {"PATEVENT", BB_CHANNEL_TRIG},
    {"LEOG", BB_CHANNEL_EOG},      {"REOG", BB_CHANNEL_EOG},       {"PHOTIC", BB_CHANNEL_MISC},
    {"DC", BB_CHANNEL_MISC},       {"GND", BB_CHANNEL_MISC},       {"RESP", BB_CHANNEL_MISC},
    {"SPO", BB_CHANNEL_MISC},      {"SAO", BB_CHANNEL_MISC},       {"OSAT", BB_CHANNEL_MISC},
    {"ETCO", BB_CHANNEL_MISC},     {"PLETH", BB_CHANNEL_MISC},     {"PLET", BB_CHANNEL_MISC},
    {"PPG", BB_CHANNEL_MISC},      {"PULSE", BB_CHANNEL_MISC},     {"GSR", BB_CHANNEL_MISC},
    {"EDA", BB_CHANNEL_MISC},      {"EXG", BB_CHANNEL_MISC},       {"MISC", BB_CHANNEL_MISC},
    {"AUX", BB_CHANNEL_MISC},      {"SNORE", BB_CHANNEL_MISC},     {"AUDIO", BB_CHANNEL_MISC},
    {"SOUND", BB_CHANNEL_MISC},    {"PHOTODIODE", BB_CHANNEL_MISC}};

/* Names that count only whole, because with a number behind them they could be an electrode's: TEMP1. */
static const word wholes[] = {{"EDF ANNOTATIONS", BB_CHANNEL_TRIG},
                              {"BDF ANNOTATIONS", BB_CHANNEL_TRIG},
                              {"ANNOTATIONS", BB_CHANNEL_TRIG},
                              {"PATIENT EVENT", BB_CHANNEL_TRIG},
                              {"PR", BB_CHANNEL_MISC},
                              {"HR", BB_CHANNEL_MISC},
                              {"BP", BB_CHANNEL_MISC},
                              {"TEMP", BB_CHANNEL_MISC},
                              {"FLOW", BB_CHANNEL_MISC},
                              {"THOR", BB_CHANNEL_MISC},
                              {"ABDO", BB_CHANNEL_MISC},
                              {"CHEST", BB_CHANNEL_MISC},
                              {"POS", BB_CHANNEL_MISC},
                              {"POSITION", BB_CHANNEL_MISC},
                              {"LIGHT", BB_CHANNEL_MISC},
                              {"MIC", BB_CHANNEL_MISC},
                              {"L EOG", BB_CHANNEL_EOG},
                              {"R EOG", BB_CHANNEL_EOG},
                              {"LOC", BB_CHANNEL_EOG},
                              {"ROC", BB_CHANNEL_EOG},
                              {"CO2", BB_CHANNEL_MISC},
                              {"CO2WAVE", BB_CHANNEL_MISC},
                              {"GROUND", BB_CHANNEL_MISC}};

/* What BIDS calls them in channels.tsv. */
static const word keywords[] = {
    {"SEEG", BB_CHANNEL_SEEG},    {"ECOG", BB_CHANNEL_ECOG},   {"DBS", BB_CHANNEL_DBS},
    {"IEEG", BB_CHANNEL_IEEG},    {"EEG", BB_CHANNEL_EEG},     {"ECG", BB_CHANNEL_ECG},
    {"EKG", BB_CHANNEL_ECG},      {"EMG", BB_CHANNEL_EMG},     {"EOG", BB_CHANNEL_EOG},
    {"VEOG", BB_CHANNEL_EOG},     {"HEOG", BB_CHANNEL_EOG},    {"REF", BB_CHANNEL_REF},
    {"TRIG", BB_CHANNEL_TRIG},    {"MISC", BB_CHANNEL_MISC},   {"OTHER", BB_CHANNEL_MISC},
    {"AUDIO", BB_CHANNEL_MISC},   {"PD", BB_CHANNEL_MISC},     {"PUPIL", BB_CHANNEL_MISC},
    {"EYEGAZE", BB_CHANNEL_MISC}, {"GSR", BB_CHANNEL_MISC},    {"HEART", BB_CHANNEL_MISC},
    {"PPG", BB_CHANNEL_MISC},     {"RESP", BB_CHANNEL_MISC},   {"SYSCLOCK", BB_CHANNEL_MISC},
    {"TEMP", BB_CHANNEL_MISC},    {"ADC", BB_CHANNEL_MISC},    {"DAC", BB_CHANNEL_MISC},
    {"NIRS", BB_CHANNEL_MISC},    {"MEG", BB_CHANNEL_MISC},    {"ACCEL", BB_CHANNEL_MISC},
    {"GYRO", BB_CHANNEL_MISC},    {"MAGN", BB_CHANNEL_MISC},   {"LATENCY", BB_CHANNEL_MISC},
    {"ORNT", BB_CHANNEL_MISC},    {"JNTANG", BB_CHANNEL_MISC}, {"POS", BB_CHANNEL_MISC},
    {"VEL", BB_CHANNEL_MISC}};

static const char *const type_names[] = {
    [BB_CHANNEL_IEEG] = "IEEG", [BB_CHANNEL_SEEG] = "SEEG", [BB_CHANNEL_ECOG] = "ECOG",
    [BB_CHANNEL_DBS] = "DBS",   [BB_CHANNEL_EEG] = "EEG",   [BB_CHANNEL_ECG] = "ECG",
    [BB_CHANNEL_EMG] = "EMG",   [BB_CHANNEL_EOG] = "EOG",   [BB_CHANNEL_REF] = "REF",
    [BB_CHANNEL_TRIG] = "TRIG", [BB_CHANNEL_MISC] = "MISC"};

const char *bb_channel_type_name(bb_channel_type type) {
    return (size_t)type < sizeof type_names / sizeof *type_names ? type_names[type] : "MISC";
}

bool bb_channel_type_parse(const char *keyword, bb_channel_type *out) {
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; ++i)
        if (strcasecmp(keywords[i].text, keyword) == 0) {
            *out = keywords[i].type;
            return true;
        }
    return false;
}

bool bb_channel_is_brain(bb_channel_type type) {
    return type == BB_CHANNEL_IEEG || type == BB_CHANNEL_SEEG || type == BB_CHANNEL_ECOG ||
           type == BB_CHANNEL_DBS;
}

static const word *find_word(const word *words, size_t count, const char *text, size_t length) {
    for (size_t i = 0; i < count; ++i)
        if (strlen(words[i].text) == length && memcmp(words[i].text, text, length) == 0) return &words[i];
    return NULL;
}

#define FIND_WORD(words, text, length) find_word(words, sizeof(words) / sizeof *(words), text, length)

bb_channel_type bb_channel_type_of(const char *name) {
    char upper[NAME_ROOM];
    size_t n = 0;
    name += strspn(name, " ");
    for (; name[n] && n + 1 < sizeof upper; ++n) upper[n] = (char)toupper((unsigned char)name[n]);
    while (n > 0 && upper[n - 1] == ' ') --n;
    upper[n] = '\0';

    bb_channel_type brain = BB_CHANNEL_IEEG;
    const char *rest = upper;
    const size_t first = strcspn(upper, " ");
    const word *found = upper[first] ? FIND_WORD(prefixes, upper, first) : NULL;
    if (found) {
        brain = found->type;
        rest = upper + first + strspn(upper + first, " ");
    }
    rest += strspn(rest, "*#_$"); /* marks that some systems put before a name */
    const size_t letters = strspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    const word *other = FIND_WORD(wholes, rest, strlen(rest));
    if (!other) other = FIND_WORD(stems, rest, letters);
    return other ? other->type : brain;
}
