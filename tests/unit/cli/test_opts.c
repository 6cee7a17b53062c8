/* test_opts.c: opts. */
#include "cli/opts.h"
#include "suites.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static int parse(int argc, const char *const *argv, struct wf_opts *opts, struct wf_err *err)
{
    return wf_opts_parse(argc, (char *const *)(uintptr_t)argv, opts, err);
}

static void flags_and_arguments_may_be_mixed(void)
{
    static const char *const argv[] = {"--sandbox=realistic", "--sandbox-seed", "100x200", "w.yaml", "-o", "yaml"};
    struct wf_opts opts;
    struct wf_err err = {0};

    CU_ASSERT_EQUAL_FATAL(parse(COUNT(argv), argv, &opts, &err), 0);
    CU_ASSERT_EQUAL(opts.nargs, 1);
    WF_ASSERT_TEXT(opts.args[0], "w.yaml");
    WF_ASSERT_TEXT(wf_opts_last(&opts, WF_OPT_SANDBOX), "realistic");
    WF_ASSERT_TEXT(wf_opts_last(&opts, WF_OPT_SANDBOX_SEED), "100x200");
    WF_ASSERT_TEXT(wf_opts_last(&opts, WF_OPT_OUTPUT), "yaml");
    CU_ASSERT_FALSE(wf_opts_has(&opts, WF_OPT_EPHEMERAL));
    CU_ASSERT_PTR_NULL(wf_opts_last(&opts, WF_OPT_STATE));
    wf_opts_done(&opts);
}

static void an_optional_argument_does_not_eat_the_next_word(void)
{
    static const char *const argv[] = {"--sandbox", "w.yaml"};
    struct wf_opts opts;
    struct wf_err err = {0};

    CU_ASSERT_EQUAL_FATAL(parse(COUNT(argv), argv, &opts, &err), 0);
    WF_ASSERT_TEXT(wf_opts_last(&opts, WF_OPT_SANDBOX), "");
    CU_ASSERT_EQUAL(opts.nargs, 1);
    wf_opts_done(&opts);
}

static void repeated_options_keep_their_order(void)
{
    static const char *const argv[] = {"--set", "a=1", "--set=b=2", "--set", "a=3"};
    struct wf_opts opts;
    struct wf_err err = {0};

    CU_ASSERT_EQUAL_FATAL(parse(COUNT(argv), argv, &opts, &err), 0);
    CU_ASSERT_EQUAL_FATAL(opts.values[WF_OPT_SET].count, 3);
    WF_ASSERT_TEXT(opts.values[WF_OPT_SET].items[1], "b=2");
    WF_ASSERT_TEXT(opts.values[WF_OPT_SET].items[2], "a=3");
    wf_opts_done(&opts);
}

static void after_two_hyphens_and_for_one_alone_nothing_is_an_option(void)
{
    static const char *const argv[] = {"-i", "-", "--", "--strange.yaml"};
    struct wf_opts opts;
    struct wf_err err = {0};

    CU_ASSERT_EQUAL_FATAL(parse(COUNT(argv), argv, &opts, &err), 0);
    WF_ASSERT_TEXT(wf_opts_last(&opts, WF_OPT_INPUT), "-");
    WF_ASSERT_TEXT(opts.args[0], "--strange.yaml");
    wf_opts_done(&opts);
}

static void bad_options_are_refused_with_words(void)
{
    static const struct {
        const char *argv[3];
        int argc;
        const char *msg, *hint;
    } cases[] = {
        {{"--sandbx"}, 1, "unknown option --sandbx", "did you mean --sandbox?"},
        {{"--zzzzzzzzzzzz=1"}, 1, "unknown option --zzzzzzzzzzzz", "`wfrun --help` lists the options"},
        {{"-x"}, 1, "unknown option -x", "`wfrun --help` lists the options"},
        {{"--ephemeral=1"}, 1, "--ephemeral takes no argument", ""},
        {{"--state"}, 1, "--state needs an argument: FILE.db", ""},
        {{"-o", "json", "-oyaml"}, 3, "--output is given twice", ""},
    };
    for (int i = 0; i < COUNT(cases); i++) {
        struct wf_opts opts;
        struct wf_err err = {0};
        CU_ASSERT_EQUAL(parse(cases[i].argc, cases[i].argv, &opts, &err), WF_EINVAL);
        WF_ASSERT_TEXT(err.msg, cases[i].msg);
        WF_ASSERT_TEXT(err.hint, cases[i].hint);
    }
}

static void an_option_of_another_command_is_refused(void)
{
    static const char *const argv[] = {"--timeout", "5s"};
    struct wf_opts opts;
    struct wf_err err = {0};

    CU_ASSERT_EQUAL_FATAL(parse(COUNT(argv), argv, &opts, &err), 0);
    CU_ASSERT_EQUAL(wf_opts_restrict(&opts, WF_OPT_BIT(WF_OPT_STATE), "list", &err), WF_EINVAL);
    WF_ASSERT_TEXT(err.msg, "--timeout does not go with `wfrun list`");
    wf_opts_done(&opts);
}

static void output_is_the_result_where_the_command_says_so(void)
{
    static const char *const argv[] = {"--output", "{\"a\":1}"};
    struct wf_opts opts;
    struct wf_err err = {0};

    CU_ASSERT_EQUAL_FATAL(parse(COUNT(argv), argv, &opts, &err), 0);
    CU_ASSERT_EQUAL(wf_opts_restrict(&opts, WF_OPT_BIT(WF_OPT_RESULT), "resolve", &err), 0);
    WF_ASSERT_TEXT(wf_opts_last(&opts, WF_OPT_RESULT), "{\"a\":1}");
    CU_ASSERT_FALSE(wf_opts_has(&opts, WF_OPT_OUTPUT));
    wf_opts_done(&opts);
}

static void every_option_is_described(void)
{
    for (int id = 0; id < WF_OPTS; id++) {
        const struct wf_opt *opt = wf_opt((enum wf_opt_id)id);
        CU_ASSERT_PTR_NOT_NULL_FATAL(opt->name);
        CU_ASSERT_PTR_NOT_NULL_FATAL(opt->help);
        CU_ASSERT_EQUAL(opt->help[strlen(opt->help) - 1], '.');
    }
}

static const struct wf_case cases[] = {
    {"flags_and_arguments_may_be_mixed", flags_and_arguments_may_be_mixed},
    {"an_optional_argument_does_not_eat_the_next_word", an_optional_argument_does_not_eat_the_next_word},
    {"repeated_options_keep_their_order", repeated_options_keep_their_order},
    {"after_two_hyphens_and_for_one_alone_nothing_is_an_option",
        after_two_hyphens_and_for_one_alone_nothing_is_an_option},
    {"bad_options_are_refused_with_words", bad_options_are_refused_with_words},
    {"an_option_of_another_command_is_refused", an_option_of_another_command_is_refused},
    {"output_is_the_result_where_the_command_says_so", output_is_the_result_where_the_command_says_so},
    {"every_option_is_described", every_option_is_described},
    {NULL, NULL},
};
const struct wf_suite opts_suite = {"opts", cases};
