/* httpd.c: the quickest HTTP server that a benchmark of clients needs: one thread, epoll, one fixed JSON reply, keep-alive.
 * Prints its port on standard output and serves on loopback until its standard input ends. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n"
                            "{\"id\":17,\"name\":\"Petunia\"}\n";
static unsigned char matched[65536]; /* per descriptor: how much of the blank line that ends a request was seen */

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 4096) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        perror("httpd");
        exit(1);
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void watch(int epoll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void accept_all(int epoll, int server)
{
    int one = 1, fd;

    while ((fd = accept4(server, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (fd >= (int)sizeof matched) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        matched[fd] = 0;
        watch(epoll, fd);
    }
}

/* One reply for each blank line: the requests of the benchmark have no body. */
static void serve(int fd)
{
    char bytes[16384];
    ssize_t got;

    while ((got = read(fd, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < got; i++) {
            unsigned char seen = matched[fd];
            matched[fd] = (unsigned char)(bytes[i] == "\r\n\r\n"[seen] ? seen + 1 : bytes[i] == '\r');
            if (matched[fd] == 4) {
                matched[fd] = 0;
                if (write(fd, reply, sizeof reply - 1) < 0)
                    break;
            }
        }
    }
    if (got == 0 || (got < 0 && errno != EAGAIN))
        close(fd);
}

int main(void)
{
    int server = listen_on_loopback(), epoll = epoll_create1(0);
    struct epoll_event events[512];

    watch(epoll, server);
    watch(epoll, STDIN_FILENO);
    for (;;) {
        int count = epoll_wait(epoll, events, 512, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == STDIN_FILENO)
                return 0;
            if (events[i].data.fd == server)
                accept_all(epoll, server);
            else
                serve(events[i].data.fd);
        }
    }
}
