/* stage.h: a loop, a pool, an HTTP client and a hosting for a test, and what its last call answered. */
#ifndef WF_TEST_HOST_STAGE_H
#define WF_TEST_HOST_STAGE_H

#include "host/host.h"

/* 1: the same tests with the plugins in processes of their own (test_host_apart). */
#ifndef STAGE_APART
#define STAGE_APART 0
#endif

struct stage {
    struct wf_loop *loop;
    struct wf_pool *pool;
    struct wf_http *http;
    struct wf_hosting *hosting;
    struct wf_call_request next; /* defaults of the next call; the test may change them */
    int answers, successes, progresses, jumps;
    int wait_for; /* the loop stops after so many answers */
    /* the last answer */
    enum wf_answer_kind kind;
    char output[2000], why[200], type[100], title[200], detail[1000], remembered[200];
    int status;
    bool unsure;
    char host_program[4096];
    uint32_t verdict;
    int64_t after_ms;
};

extern struct stage stage;

void stage_begin(const char *plugin_dir); /* below the build folder */
void stage_end(void);
void stage_virtual_clock(void);
struct wf_call *stage_start(const char *step, const char *input);
/* Starts and waits for the answer. */
void stage_call(const char *step, const char *input);
/* Lets the loop turn for so many real milliseconds. */
void stage_turn(int64_t ms);
void stage_last_log(char ret_text[1000]);
const char *stage_log(void); /* all lines since stage_begin, as far as there is room */
const char *stage_path(const char *below_build);

#endif
