/* test_features.c: every definition of the DSL's conformance kit loads, but for what this version does not run. */
#include <dirent.h>

#include "suites.h"

/* Copies the block that follows `"""yaml` without its indentation; returns what comes after it. NULL: no closing
 * quotes. */
static const char *copy_block(const char *block, FILE *out)
{
    const char *line = strchr(block, '\n') + 1;
    size_t indent = strspn(line, " ");
    for (; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        size_t spaces = strspn(line, " ");
        if (strncmp(line + spaces, "\"\"\"", 3) == 0)
            return line + spaces + 3;
        line += spaces < indent ? spaces : indent;
        fwrite(line, 1, strcspn(line, "\n") + 1, out);
    }
    return NULL;
}

static void check_definition(const char *file, const char *text)
{
    struct wf_diags diags;
    struct wf_def *def = wf_test_load(text, &diags);
    char *findings = wf_test_findings(&diags);
    const char *not_run = strstr(text, "emit:") ? "8:7 E0207 this version of wfrun does not run `emit` tasks\n" : "";
    if (strcmp(findings, not_run) != 0)
        fprintf(stderr, "%s:\n%s", file, text);
    WF_ASSERT_TEXT(findings, not_run);
    free(findings);
    wf_diags_done(&diags);
    wf_def_unref(def);
}

static int check_feature(const char *path)
{
    char *feature = NULL;
    size_t len;
    struct wf_err err = {0};
    int n = 0;
    CU_ASSERT_EQUAL_FATAL(wf_yaml_read_file(path, &feature, &len, &err), 0);
    for (const char *p = strstr(feature, "definition:"); p; p = p ? strstr(p, "definition:") : NULL) {
        char *text = NULL;
        FILE *out = open_memstream(&text, &len);
        p = copy_block(strstr(p, "\"\"\"yaml"), out);
        fclose(out);
        check_definition(path, text);
        free(text);
        n++;
    }
    free(feature);
    return n;
}

static void check_version(const char *version)
{
    char folder[1024], path[1400];
    int n = 0;
    snprintf(folder, sizeof folder, "%s/tests/ctk/features/%s", WF_TEST_SRCDIR, version);
    DIR *dir = opendir(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (!strstr(entry->d_name, ".feature"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        n += check_feature(path);
    }
    closedir(dir);
    CU_ASSERT_EQUAL(n, 21);
}

static void released(void)
{
    check_version("1.0.3");
}

static void main_branch(void)
{
    check_version("main-4d42471");
}

static const struct wf_case cases[] = {
    {"all_definitions_of_the_kit_1_0_3_load", released},
    {"all_definitions_of_the_kit_on_main_load", main_branch},
    {NULL, NULL},
};
const struct wf_suite features_suite = {"features", cases};
