/* test_load.c: which plugins are loaded, and which are refused with which words. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "stage.h"
#include "suites.h"

static void a_step_is_found_with_its_version(void)
{
    stage_begin("tests/plugins");
    const struct wf_step_entry *entry = wf_hosting_find(stage.hosting, "good-about", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    WF_ASSERT_TEXT(entry->plugin->name, "citizens");
    CU_ASSERT_PTR_NOT_NULL(strstr(entry->file, "citizens.so"));
    CU_ASSERT_PTR_EQUAL(wf_hosting_find(stage.hosting, "good-about", "1.2.3"), entry);
    CU_ASSERT_PTR_NULL(wf_hosting_find(stage.hosting, "good-about", "1.2.4"));
    CU_ASSERT_PTR_NULL(wf_hosting_find(stage.hosting, "no-such-step", NULL));
    CU_ASSERT_PTR_NULL(wf_hosting_find(stage.hosting, "../fx", NULL));
    CU_ASSERT_PTR_NULL(wf_hosting_refusal(stage.hosting, "no-such-step"));
    stage_end();
}

static void all_steps_of_a_folder_can_be_listed(void)
{
    size_t echo = 0;

    stage_begin("tests/plugins");
    wf_hosting_load_all(stage.hosting, NULL, NULL);
    size_t count = wf_hosting_count(stage.hosting);
    for (size_t i = 0; i < count; i++)
        echo += strcmp(wf_hosting_at(stage.hosting, i)->type->name, "good-nap") == 0;
    CU_ASSERT(count >= 22);
    CU_ASSERT_EQUAL(echo, 1);
    wf_hosting_load_all(stage.hosting, NULL, NULL);
    CU_ASSERT_EQUAL(wf_hosting_count(stage.hosting), count);
    stage_end();
}

static void a_folder_that_is_not_there_is_no_error(void)
{
    stage_begin("no/such/folder");
    CU_ASSERT_PTR_NULL(wf_hosting_find(stage.hosting, "good-about", NULL));
    stage_end();
}

static const struct {
    const char *file, *words;
} refusals[] = {
    {"wrong-abi", "it was built for plugin ABI 2.1, and this wfrun has 1.1"},
    {"no-entry", "it has no function wf_plugin_entry: it is no plugin of wfrun"},
    {"incomplete", "the step never has no run function"},
    {"crash-in-open", "it crashed in its open function (Segmentation fault)"},
    {"abort-in-open", "it crashed in its open function (Aborted)"},
    {"open-fails", "its open failed (-5)"},
    {"no-name", "a step has no name, or one that is not lower case"},
    {"same-step", "it has two steps called never"},
    {"short-descriptor", "its descriptor's size is 16 and not at least "},
    {"crash-in-load", "it crashed in loading (Bus error)"},
    {"bad-schema", "the output schema of the step never is wrong: "},
    {"no-undo", "the step never changes the world, but has neither undo nor no_undo"},
    {"short-step", "a step type's size is 8 and not at least "},
    {"refuses-host", "it refuses this wfrun (plugin ABI 1.1)"},
};

static size_t reported;

static void count_refusal(void *arg, const char *file, const struct wf_err *err)
{
    (void)arg;
    (void)file;
    CU_ASSERT_NOT_EQUAL(err->code, 0);
    reported++;
}

static void each_refusal_says_why(void)
{
    reported = 0;
    stage_begin("tests/plugins/refused");
    wf_hosting_load_all(stage.hosting, count_refusal, NULL);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct wf_err *err = wf_hosting_refusal(stage.hosting, refusals[i].file);
        CU_ASSERT_PTR_NOT_NULL_FATAL(err);
        if (strncmp(err->msg, refusals[i].words, strlen(refusals[i].words)) != 0)
            WF_ASSERT_TEXT(err->msg, refusals[i].words);
    }
    /* The step of taken-step is only taken where citizens.so is. */
    CU_ASSERT_EQUAL(reported, sizeof refusals / sizeof *refusals);
    CU_ASSERT_EQUAL(wf_hosting_count(stage.hosting), 1);
    stage_end();
}

/* ---- files that others can write ---- */

static char folder[64];

static void copy_plugin(const char *from, const char *to)
{
    char command[9000];

    snprintf(command, sizeof command, "cp '%s' '%s/%s'", stage_path(from), folder, to);
    CU_ASSERT_EQUAL_FATAL(system(command), 0);
}

static void begin_in_folder(void)
{
    char build[4096];

    snprintf(build, sizeof build, "%s", stage_path(""));
    setenv("top_builddir", "/", 1);
    stage_begin(folder + 1);
    setenv("top_builddir", build, 1);
}

static void make_folder(void)
{
    strcpy(folder, "/tmp/wfrun-test-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[200];

    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

static void expect_refusal(const char *words)
{
    begin_in_folder();
    CU_ASSERT_PTR_NULL(wf_hosting_find(stage.hosting, "serial-one", NULL));
    const struct wf_err *err = wf_hosting_refusal(stage.hosting, "copy");
    CU_ASSERT_PTR_NOT_NULL_FATAL(err);
    CU_ASSERT_PTR_NOT_NULL(strstr(err->msg, words));
    CU_ASSERT_PTR_NOT_NULL(strstr(err->hint, "chmod go-w /tmp/wfrun-test-"));
    stage_end();
}

static void a_file_or_folder_that_others_can_write_is_refused(void)
{
    char file[100];

    make_folder();
    copy_plugin("tests/plugins/.libs/serial.so", "copy.so");
    snprintf(file, sizeof file, "%s/copy.so", folder);
    CU_ASSERT_EQUAL(chmod(file, 0666), 0);
    expect_refusal("copy.so can be written by others (mode 666)");
    CU_ASSERT_EQUAL(chmod(file, 0664), 0);
    expect_refusal("can be written by others (mode 664)");
    CU_ASSERT_EQUAL(chmod(file, 0644), 0);
    CU_ASSERT_EQUAL(chmod(folder, 0777), 0);
    expect_refusal("can be written by others (mode 777)");
    CU_ASSERT_EQUAL(chmod(folder, 0755), 0);
    begin_in_folder(); /* /tmp above it is sticky, which is as good */
    CU_ASSERT_PTR_NOT_NULL(wf_hosting_find(stage.hosting, "serial-one", NULL));
    stage_end();
    remove_folder();
}

static void a_step_name_that_is_taken_is_refused(void)
{
    make_folder();
    copy_plugin("tests/plugins/.libs/citizens.so", "a.so");
    copy_plugin("tests/plugins/refused/.libs/taken-step.so", "b.so");
    begin_in_folder();
    wf_hosting_load_all(stage.hosting, NULL, NULL);
    const struct wf_err *err = wf_hosting_refusal(stage.hosting, "b");
    CU_ASSERT_PTR_NOT_NULL_FATAL(err);
    CU_ASSERT_PTR_NOT_NULL(strstr(err->msg, "its step bad-no-answer is already there, from /tmp/wfrun-test-"));
    stage_end();
    remove_folder();
}

static void a_file_that_is_no_shared_object_is_refused(void)
{
    make_folder();
    copy_plugin("Makefile", "junk.so");
    begin_in_folder();
    wf_hosting_load_all(stage.hosting, NULL, NULL);
    const struct wf_err *err = wf_hosting_refusal(stage.hosting, "junk");
    CU_ASSERT_PTR_NOT_NULL_FATAL(err);
    CU_ASSERT_PTR_NOT_NULL(strstr(err->msg, "it cannot be loaded: "));
    stage_end();
    remove_folder();
}

static void a_plugin_that_exits_is_named(void)
{
    char text[2000] = "";
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 2);
        stage_begin("tests/plugins/exit");
        wf_log_set(WF_LOGL_ERROR, NULL, NULL); /* to stderr again */
        wf_hosting_load_all(stage.hosting, NULL, NULL);
        _exit(9);
    }
    close(ends[1]);
    CU_ASSERT(read(ends[0], text, sizeof text - 1) > 0);
    close(ends[0]);
    int status;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "exit-in-open.so ended the process while it was loaded"));
}

static void the_effect_may_depend_on_the_input(void)
{
    bool idempotent;

    stage_begin("tests/plugins");
    const struct wf_step_entry *entry = wf_hosting_find(stage.hosting, "good-effect", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    CU_ASSERT_EQUAL(wf_step_effect(entry, (struct wf_bytes){"1", 1}, &idempotent), WF_EFFECT_READ);
    CU_ASSERT_FALSE(idempotent);
    CU_ASSERT_EQUAL(wf_step_effect(entry, (struct wf_bytes){"123", 3}, &idempotent), WF_EFFECT_SPEND);
    CU_ASSERT_TRUE(idempotent);
    CU_ASSERT_EQUAL(wf_step_effect(entry, (struct wf_bytes){"1234567", 7}, &idempotent), WF_EFFECT_IRREVERSIBLE);
    entry = wf_hosting_find(stage.hosting, "serial-one", NULL);
    CU_ASSERT_EQUAL(wf_step_effect(entry, (struct wf_bytes){"1", 1}, &idempotent), WF_EFFECT_NONE);
    stage_end();
}

static const struct wf_case cases[] = {
    {"a_step_is_found_with_its_version", a_step_is_found_with_its_version},
    {"all_steps_of_a_folder_can_be_listed", all_steps_of_a_folder_can_be_listed},
    {"a_folder_that_is_not_there_is_no_error", a_folder_that_is_not_there_is_no_error},
    {"each_refusal_says_why", each_refusal_says_why},
    {"a_file_or_folder_that_others_can_write_is_refused", a_file_or_folder_that_others_can_write_is_refused},
    {"a_step_name_that_is_taken_is_refused", a_step_name_that_is_taken_is_refused},
    {"a_file_that_is_no_shared_object_is_refused", a_file_that_is_no_shared_object_is_refused},
    {"a_plugin_that_exits_is_named", a_plugin_that_exits_is_named},
    {"the_effect_may_depend_on_the_input", the_effect_may_depend_on_the_input},
    {NULL, NULL},
};
const struct wf_suite load_suite = {"load", cases};
