/* test_secrets.c: secrets. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/secrets.h"
#include "suites.h"

static char folder[64];

static const char *put(const char *name, const char *text)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
    chmod(path, 0600);
    return path;
}

static void enter(void)
{
    snprintf(folder, sizeof folder, "/tmp/wfrun-secrets-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
}

static struct wf_secrets *load(const char *path)
{
    struct wf_secrets *secrets = NULL;
    struct wf_err err = {0};

    CU_ASSERT_EQUAL(wf_secrets_load(path, &secrets, &err), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(secrets);
    return secrets;
}

static void a_map_gives_texts_and_objects_and_masks_them(void)
{
    enter();
    struct wf_secrets *secrets = load(put("s.yaml", "token: abcd-1234\nlogin: {user: someone, password: hush-hush}\n"));
    WF_ASSERT_TEXT(wf_secrets_get(secrets, "token"), "\"abcd-1234\"");
    WF_ASSERT_TEXT(wf_secrets_get(secrets, "login"), "{\"user\":\"someone\",\"password\":\"hush-hush\"}");
    CU_ASSERT_PTR_NULL(wf_secrets_get(secrets, "other"));
    char *text = wf_mask_apply(strdup("Bearer abcd-1234 of hush-hush"));
    WF_ASSERT_TEXT(text, "Bearer *** of ***");
    free(text);
    wf_secrets_free(secrets);
}

static void a_folder_has_one_file_for_each(void)
{
    enter();
    put("token", "first line\n");
    put("login.json", "{\"user\":\"u\"}");
    put(".hidden", "x");
    struct wf_secrets *secrets = load(folder);
    WF_ASSERT_TEXT(wf_secrets_get(secrets, "token"), "\"first line\"");
    WF_ASSERT_TEXT(wf_secrets_get(secrets, "login"), "{\"user\":\"u\"}");
    CU_ASSERT_PTR_NULL(wf_secrets_get(secrets, ".hidden"));
    wf_secrets_free(secrets);
}

static void no_path_is_no_secrets_and_they_can_be_put(void)
{
    struct wf_secrets *secrets = load(NULL);

    CU_ASSERT_PTR_NULL(wf_secrets_get(secrets, "a"));
    wf_secrets_put(secrets, "a", "\"one\"");
    wf_secrets_put(secrets, "a", "\"two\"");
    WF_ASSERT_TEXT(wf_secrets_get(secrets, "a"), "\"two\"");
    wf_secrets_free(secrets);
}

static void what_is_no_map_is_refused(void)
{
    struct wf_secrets *secrets = NULL;
    struct wf_err err = {0};

    enter();
    CU_ASSERT_EQUAL(wf_secrets_load(put("s.yaml", "[1]"), &secrets, &err), WF_EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "not a map"));
    err = (struct wf_err){0};
    CU_ASSERT_EQUAL(wf_secrets_load(put("s.yaml", "a: 'open"), &secrets, &err), WF_EINVAL);
    CU_ASSERT_PTR_NOT_NULL(err.loc.file ? strstr(err.loc.file, "s.yaml") : NULL);
    CU_ASSERT_EQUAL(err.loc.line, 1);
    err = (struct wf_err){0};
    CU_ASSERT_EQUAL(wf_secrets_load("/nonexistent", &secrets, &err), WF_EINVAL);
}

static const struct wf_case cases[] = {
    {"a_map_gives_texts_and_objects_and_masks_them", a_map_gives_texts_and_objects_and_masks_them},
    {"a_folder_has_one_file_for_each", a_folder_has_one_file_for_each},
    {"no_path_is_no_secrets_and_they_can_be_put", no_path_is_no_secrets_and_they_can_be_put},
    {"what_is_no_map_is_refused", what_is_no_map_is_refused},
    {NULL, NULL},
};
const struct wf_suite secrets_suite = {"secrets", cases};
