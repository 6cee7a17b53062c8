/* test_utf8.c: utf8. */
#include "base/utf8.h"
#include "suites.h"

static void characters_of_every_length_are_read(void)
{
    uint32_t code;

    CU_ASSERT_EQUAL(wf_utf8_next("a", 1, &code), 1);
    CU_ASSERT_EQUAL(wf_utf8_next("\xc3\xa4", 2, &code), 2);
    CU_ASSERT_EQUAL(code, 0xe4);
    CU_ASSERT_EQUAL(wf_utf8_next("\xe2\x82\xac", 3, &code), 3);
    CU_ASSERT_EQUAL(code, 0x20ac);
    CU_ASSERT_EQUAL(wf_utf8_next("\xf0\x9f\x98\x80", 4, &code), 4);
    CU_ASSERT_EQUAL(code, 0x1f600);
    CU_ASSERT_EQUAL(wf_utf8_next("\xf4\x8f\xbf\xbf", 4, NULL), 4);
}

static void what_is_no_character_is_refused(void)
{
    static const char *const rows[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\x80",
        "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x82"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CU_ASSERT_EQUAL(wf_utf8_next(rows[i], strlen(rows[i]), NULL), 0);
    CU_ASSERT_EQUAL(wf_utf8_next("", 0, NULL), 0);
}

static void the_first_bad_byte_is_found(void)
{
    CU_ASSERT_EQUAL(wf_utf8_valid("0123456789abcdef\xff", 17), 16);
    CU_ASSERT_EQUAL(wf_utf8_valid("\xc3\xa4\xc3", 3), 2);
    CU_ASSERT_EQUAL(wf_utf8_valid("0123456789", 10), 10);
}

static void counts_and_cuts_are_in_characters(void)
{
    CU_ASSERT_EQUAL(wf_utf8_count("a\xc3\xa4\xe2\x82\xac", 6), 3);
    CU_ASSERT_EQUAL(wf_utf8_cut("a\xe2\x82\xac", 4, 3), 1);
    CU_ASSERT_EQUAL(wf_utf8_cut("a\xe2\x82\xac", 4, 4), 4);
    CU_ASSERT_EQUAL(wf_utf8_cut("abc", 3, 2), 2);
}

static const struct wf_case cases[] = {
    {"characters_of_every_length_are_read", characters_of_every_length_are_read},
    {"what_is_no_character_is_refused", what_is_no_character_is_refused},
    {"the_first_bad_byte_is_found", the_first_bad_byte_is_found},
    {"counts_and_cuts_are_in_characters", counts_and_cuts_are_in_characters},
    {NULL, NULL},
};
const struct wf_suite utf8_suite = {"utf8", cases};
