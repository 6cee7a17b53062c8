/* prompt.h: asks the person at the terminal. Without a terminal nobody is asked: that is the caller's to say. */
#ifndef WF_CLI_PROMPT_H
#define WF_CLI_PROMPT_H

/* On standard error, answered on standard input. 1: the answer was this word; 0: it was another one; -1: no terminal. */
int wf_prompt_word(const char *question, const char *word);

#endif
