/* test_table.c: table. */
#include "report/table.h"
#include "suites.h"

static void check(struct wf_table *table, size_t width, size_t max_rows, const char *expected)
{
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);

    wf_table_print(table, file, width, max_rows, false);
    fclose(file);
    WF_ASSERT_TEXT(text, expected);
    free(text);
    wf_table_done(table);
}

static jv value_of(const char *text)
{
    struct wf_err err = {0};
    jv value = jv_invalid();

    CU_ASSERT_EQUAL(wf_val_parse(text, strlen(text), &value, &err), 0);
    return value;
}

static struct wf_table customers(void)
{
    struct wf_table table;

    wf_table_init(&table, (const char *const[]){"CUSTOMER", "SEATS", "NOTE"}, 3);
    wf_table_add(&table, (const char *const[]){"Contoso", "25", "moved"});
    wf_table_add(&table, (const char *const[]){"東京", "1200", NULL});
    return table;
}

static void columns_take_what_they_need_and_numbers_stand_right(void)
{
    struct wf_table table = customers();

    check(&table, 100, 0, "CUSTOMER  SEATS  NOTE\nContoso      25  moved\n東京       1200\n");
}

static void the_widest_column_gives_way_first(void)
{
    struct wf_table table;

    wf_table_init(&table, (const char *const[]){"A", "B"}, 2);
    wf_table_add(&table, (const char *const[]){"short", "a rather long text in here"});
    check(&table, 20, 0, "A      B\nshort  a rather lon…\n");
}

static void rows_beyond_the_maximum_are_counted(void)
{
    struct wf_table table = customers();

    check(&table, 100, 1, "CUSTOMER  SEATS  NOTE\nContoso      25  moved\n... and 1 more\n");
}

static void an_empty_table_is_its_titles(void)
{
    struct wf_table table;

    wf_table_init(&table, (const char *const[]){"A", "B"}, 2);
    check(&table, 80, 0, "A  B\n");
}

static void cells_show_values_as_people_write_them(void)
{
    static const struct {
        const char *json, *cell;
    } pairs[] = {
        {"null", ""},
        {"\"text\"", "text"},
        {"3", "3"},
        {"true", "true"},
        {"[]", ""},
        {"[\"a\",\"b\"]", "a, b"},
        {"[1,2,3,4,5,6,7]", "1, 2, 3, 4, 5, +2 more"},
        {"[[1,2],3]", "[1,2], 3"},
        {"{\"a\":1}", "{\"a\":1}"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        jv value = value_of(pairs[i].json);
        char *cell = wf_table_cell(&value);
        WF_ASSERT_TEXT(cell, pairs[i].cell);
        free(cell);
        jv_free(value);
    }
}

static void check_generic(const char *json, const char *expected)
{
    struct wf_table table;
    jv value = value_of(json);

    wf_table_generic(&value, &table);
    check(&table, 80, 0, expected);
    jv_free(value);
}

static void any_value_makes_a_table(void)
{
    check_generic("[{\"a\":1,\"b\":\"x\"},{\"a\":2,\"c\":true}]", "a  b  c\n1  x\n2     true\n");
    check_generic("{\"a\":1}", "name  value\na         1\n");
    check_generic("[1,2]", "value\n    1\n    2\n");
    check_generic("\"text\"", "value\ntext\n");
    check_generic("[]", "value\n");
}

static const struct wf_case cases[] = {
    {"columns_take_what_they_need_and_numbers_stand_right", columns_take_what_they_need_and_numbers_stand_right},
    {"the_widest_column_gives_way_first", the_widest_column_gives_way_first},
    {"rows_beyond_the_maximum_are_counted", rows_beyond_the_maximum_are_counted},
    {"an_empty_table_is_its_titles", an_empty_table_is_its_titles},
    {"cells_show_values_as_people_write_them", cells_show_values_as_people_write_them},
    {"any_value_makes_a_table", any_value_makes_a_table},
    {NULL, NULL},
};
const struct wf_suite table_suite = {"table", cases};
