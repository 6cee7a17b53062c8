/* test_settings.c: settings. */
#include <sys/stat.h>
#include <unistd.h>

#include "cli/settings.h"
#include "suites.h"

/* A folder of its own with a wfrun.yaml, as the working folder. */
static char folder[64];

static void enter(const char *settings)
{
    snprintf(folder, sizeof folder, "/tmp/wfrun-settings-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    CU_ASSERT_EQUAL_FATAL(chdir(folder), 0);
    FILE *file = fopen("wfrun.yaml", "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(settings, file);
    fclose(file);
    unsetenv("WFRUN_PLUGIN_DIR");
    setenv("XDG_CONFIG_HOME", folder, 1); /* lint: tests set their environment */
}

static void leave(void)
{
    unlink("wfrun.yaml");
    CU_ASSERT_EQUAL(chdir("/"), 0);
    rmdir(folder);
}

/* A path in the settings file counts from the folder of that file. */
static const char *beside(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static struct wf_config *load(const struct wf_opts *opts)
{
    struct wf_diags diags;
    struct wf_config *config = NULL;

    wf_diags_init(&diags);
    CU_ASSERT_EQUAL(wf_config_load(opts, &diags, &config), 0);
    wf_diags_done(&diags);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    return config;
}

static void a_flag_beats_a_variable_beats_the_run_beats_a_file(void)
{
    const char *flag = "flag.db";
    struct wf_opts none = {0}, flags = {0};

    enter("secrets: file.json\nstate: file.db\n");
    struct wf_config *config = load(&none);
    WF_ASSERT_TEXT(wf_config_text(config, WF_OPT_SECRETS), beside("file.json"));
    jv kept = wf_val_set(jv_object(), "secrets", jv_string("kept.json"));
    wf_config_set_kept(config, &kept);
    jv_free(kept);
    WF_ASSERT_TEXT(wf_config_text(config, WF_OPT_SECRETS), "kept.json");
    setenv("WFRUN_SECRETS", "variable.json", 1); /* lint: tests set their environment */
    WF_ASSERT_TEXT(wf_config_text(config, WF_OPT_SECRETS), "variable.json");
    unsetenv("WFRUN_SECRETS");
    wf_config_free(config);
    flags.values[WF_OPT_STATE].items = &flag;
    flags.values[WF_OPT_STATE].count = 1;
    config = load(&flags);
    WF_ASSERT_TEXT(wf_config_text(config, WF_OPT_STATE), "flag.db");
    wf_config_free(config);
    leave();
}

static void lists_come_from_repeated_flags_colons_or_yaml(void)
{
    struct wf_opts none = {0};

    enter("plugin-dir: [a, b]\nconnect-to: one:1:two:2\n");
    struct wf_config *config = load(&none);
    const char *const *dirs = wf_config_list(config, WF_OPT_PLUGIN_DIR);
    WF_ASSERT_TEXT(dirs[0], beside("a"));
    WF_ASSERT_TEXT(dirs[1], beside("b"));
    CU_ASSERT_PTR_NULL(dirs[2]);
    WF_ASSERT_TEXT(wf_config_list(config, WF_OPT_CONNECT_TO)[0], "one:1:two:2");
    CU_ASSERT_PTR_NULL(wf_config_list(config, WF_OPT_REGISTER)[0]);
    setenv("WFRUN_PLUGIN_DIR", "x:y", 1); /* lint: tests set their environment */
    dirs = wf_config_list(config, WF_OPT_PLUGIN_DIR);
    WF_ASSERT_TEXT(dirs[0], "x");
    WF_ASSERT_TEXT(dirs[1], "y");
    unsetenv("WFRUN_PLUGIN_DIR");
    wf_config_free(config);
    leave();
}

static void a_switch_can_be_on_or_off(void)
{
    struct wf_opts none = {0};

    enter("ephemeral: true\n");
    struct wf_config *config = load(&none);
    CU_ASSERT_TRUE(wf_config_on(config, WF_OPT_EPHEMERAL));
    setenv("WFRUN_EPHEMERAL", "0", 1); /* lint: tests set their environment */
    CU_ASSERT_FALSE(wf_config_on(config, WF_OPT_EPHEMERAL));
    unsetenv("WFRUN_EPHEMERAL");
    wf_config_free(config);
    leave();
}

static void a_plugin_setting_has_a_variable_and_the_sandbox_beats_it(void)
{
    struct wf_opts none = {0};

    enter("plugins:\n  partner-center:\n    auth-url: file\n    page-size: 50\n");
    struct wf_config *config = load(&none);
    WF_ASSERT_TEXT(wf_config_plugin(config, "partner-center", "auth-url"), "file");
    WF_ASSERT_TEXT(wf_config_plugin(config, "partner-center", "page-size"), "50");
    CU_ASSERT_PTR_NULL(wf_config_plugin(config, "partner-center", "other"));
    CU_ASSERT_PTR_NULL(wf_config_plugin(config, "other", "auth-url"));
    setenv("WFRUN_PARTNER_CENTER_AUTH_URL", "variable", 1); /* lint: tests set their environment */
    WF_ASSERT_TEXT(wf_config_plugin(config, "partner-center", "auth-url"), "variable");
    wf_config_force_plugin(config, "partner-center", "auth-url", "sandbox");
    WF_ASSERT_TEXT(wf_config_plugin(config, "partner-center", "auth-url"), "sandbox");
    unsetenv("WFRUN_PARTNER_CENTER_AUTH_URL");
    wf_config_free(config);
    leave();
}

static void a_typo_in_a_file_is_found_with_its_place(void)
{
    struct wf_opts none = {0};
    struct wf_diags diags;
    struct wf_config *config = NULL;

    enter("state: a.db\nprogres: plain\nplugins: 5\n");
    unsetenv("XDG_CONFIG_HOME");
    wf_diags_init(&diags);
    CU_ASSERT_EQUAL(wf_config_load(&none, &diags, &config), WF_EINVAL);
    CU_ASSERT_EQUAL_FATAL(diags.count, 2);
    CU_ASSERT_EQUAL(diags.items[0].loc.line, 2);
    WF_ASSERT_TEXT(diags.items[0].hint, "did you mean `progress`?");
    CU_ASSERT_EQUAL(diags.items[1].loc.line, 3);
    wf_diags_done(&diags);
    leave();
}

static void what_a_run_keeps_has_absolute_paths(void)
{
    const char *dirs[] = {"."};
    struct wf_opts opts = {0};

    enter("");
    opts.values[WF_OPT_PLUGIN_DIR].items = dirs;
    opts.values[WF_OPT_PLUGIN_DIR].count = 1;
    struct wf_config *config = load(&opts);
    jv kept = wf_config_kept(config), list = wf_val_get(&kept, "plugin-dir"), first = jv_array_get(jv_copy(list), 0);
    WF_ASSERT_TEXT(jv_string_value(first), folder);
    jv_free(first);
    jv_free(list);
    jv_free(kept);
    wf_config_free(config);
    leave();
}

static const struct wf_case cases[] = {
    {"a_flag_beats_a_variable_beats_the_run_beats_a_file", a_flag_beats_a_variable_beats_the_run_beats_a_file},
    {"lists_come_from_repeated_flags_colons_or_yaml", lists_come_from_repeated_flags_colons_or_yaml},
    {"a_switch_can_be_on_or_off", a_switch_can_be_on_or_off},
    {"a_plugin_setting_has_a_variable_and_the_sandbox_beats_it",
        a_plugin_setting_has_a_variable_and_the_sandbox_beats_it},
    {"a_typo_in_a_file_is_found_with_its_place", a_typo_in_a_file_is_found_with_its_place},
    {"what_a_run_keeps_has_absolute_paths", what_a_run_keeps_has_absolute_paths},
    {NULL, NULL},
};
const struct wf_suite settings_suite = {"settings", cases};
