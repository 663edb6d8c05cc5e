/*
 * Where the program begins, in the place of the system's own: since glibc 2.34 that asks for a __libc_start_main that
 * older ones do not have.
 */
int main(int count, char **arguments);
int __libc_start_main(int (*program)(int, char **), int count, char **arguments, void (*initialize)(void),
                      void (*finish)(void), void (*finish_loader)(void), void *stack);

__attribute__((used, noreturn)) static void begin(long *stack, void (*finish_loader)(void)) {
  __libc_start_main(main, (int)stack[0], (char **)(stack + 1), 0, 0, finish_loader, stack);
  __builtin_unreachable();
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n mov %rdx, %rsi\n and $-16, %rsp\n call begin\n hlt");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n mov x29, #0\n mov x30, #0\n mov x1, x0\n mov x0, sp\n b begin");
#endif
