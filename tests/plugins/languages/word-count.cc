// word-count.cc: a step in C++: how often each word occurs in a text.
//
// No exception may cross the border of the plugin, so run catches everything.
#include <exception>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <wfrun/cjson.h>

namespace {

const wf_host *host;

struct Deleter {
    void operator()(cJSON *tree) const { cJSON_Delete(tree); }
};
using Tree = std::unique_ptr<cJSON, Deleter>;

std::map<std::string, int> count(const std::string &text)
{
    std::map<std::string, int> words;
    std::istringstream in{text};

    for (std::string word; in >> word;)
        ++words[word];
    return words;
}

void run(wf_step *step, void *)
{
    try {
        const Tree with{wf_cjson_input(host, step)};
        Tree output{cJSON_CreateObject()};

        for (const auto &[word, times] : count(wf_cjson_str(with.get(), "text", "")))
            cJSON_AddNumberToObject(output.get(), word.c_str(), times);
        wf_cjson_succeed(host, step, output.release());
    } catch (const std::exception &problem) {
        wf_cjson_fail(host, step, "runtime", 500, "The words cannot be counted", nullptr, "%s", problem.what());
    }
}

int32_t open(const wf_host *h, void **ret_state)
{
    host = h;
    *ret_state = nullptr;
    return 0;
}

const wf_step_type word_count = {
    .size = sizeof word_count,
    .effect = WF_EFFECT_NONE,
    .flags = WF_STEP_BLOCKING,
    .name = "word-count",
    .summary = "Counts the words of a text",
    .input_schema = R"({"type":"object","required":["text"],"properties":{"text":{"type":"string"}}})",
    .output_schema = R"({"type":"object","additionalProperties":{"type":"integer"}})",
    .run = run,
};
const wf_step_type *const steps[] = {&word_count, nullptr};
const wf_plugin plugin = {
    .size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "word-count",
    .version = "1.0.0",
    .summary = "Counts words, in C++",
    .steps = steps,
    .open = open,
};

} // namespace

WF_PLUGIN_NOTE("word-count", "1.0.0", "word-count:none");

const wf_plugin *wf_plugin_entry(uint32_t)
{
    return &plugin;
}
