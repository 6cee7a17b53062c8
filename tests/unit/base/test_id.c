/* test_id.c: id. */
#include "base/id.h"
#include "suites.h"

static void named_ids_follow_rfc_4122(void)
{
    uint8_t space[WF_UUID_SIZE];
    char text[WF_UUID_TEXT];

    /* uuid5(NAMESPACE_DNS, "python.org"), from Python's documentation. */
    wf_uuid_space("6ba7b810-9dad-11d1-80b4-00c04fd430c8", space);
    wf_uuid_named(space, "python.org", text);
    WF_ASSERT_TEXT(text, "886313e1-3b8a-5372-9b90-0c9aee199e5d");
}

static void a_namespace_that_is_no_uuid_is_made_one(void)
{
    uint8_t url[WF_UUID_SIZE], made[WF_UUID_SIZE], same[WF_UUID_SIZE];
    char text[WF_UUID_TEXT];

    wf_uuid_space("6ba7b811-9dad-11d1-80b4-00c04fd430c8", url);
    wf_uuid_named(url, "my run", text);
    wf_uuid_space(text, same);
    wf_uuid_space("my run", made);
    CU_ASSERT_EQUAL(memcmp(made, same, sizeof made), 0);
}

static void random_ids_differ(void)
{
    char a[WF_UUID_TEXT], b[WF_UUID_TEXT];

    wf_uuid_random(a);
    wf_uuid_random(b);
    CU_ASSERT_STRING_NOT_EQUAL(a, b);
    CU_ASSERT_EQUAL(a[14], '4');
    CU_ASSERT_NOT_EQUAL(wf_random_u64(), wf_random_u64());
}

static void sha256_of_abc_is_the_published_one(void)
{
    uint8_t digest[WF_SHA256_SIZE];
    char text[WF_SHA256_TEXT];

    wf_sha256("abc", 3, digest);
    wf_sha256_text(digest, text);
    WF_ASSERT_TEXT(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static const struct wf_case cases[] = {
    {"named_ids_follow_rfc_4122", named_ids_follow_rfc_4122},
    {"a_namespace_that_is_no_uuid_is_made_one", a_namespace_that_is_no_uuid_is_made_one},
    {"random_ids_differ", random_ids_differ},
    {"sha256_of_abc_is_the_published_one", sha256_of_abc_is_the_published_one},
    {NULL, NULL},
};
const struct wf_suite id_suite = {"id", cases};
