// Records what KVM_GET_DIRTY_LOG answers, for KvmDirtyLogTest: a guest in real mode writes a byte in some pages of two
// memory slots, and stops. Prints the bitmap of each slot in hex, in the order of its bytes in memory.
//
//     cc -o record record-kvm-dirty-log.c && sudo ./record > kvm-dirty-log.txt
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define PAGE 4096
#define CODE 0x1000

static const struct { unsigned long long address; int pages; } slots[] = {{0, 67}, {0x60000, 130}};
static const int written[][2] = {{0, 3}, {0, 63}, {0, 64}, {0, 66}, {1, 0}, {1, 7}, {1, 8}, {1, 71}, {1, 128}, {1, 129}};

static int check(int result, const char *call) {
    if (result < 0) {
        perror(call);
        exit(1);
    }
    return result;
}

int main(void) {
    int kvm = check(open("/dev/kvm", O_RDWR), "/dev/kvm");
    int vm = check(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
    unsigned char *memory[2];
    for (int i = 0; i < 2; i++) {
        size_t size = (size_t)slots[i].pages * PAGE;
        memory[i] = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        struct kvm_userspace_memory_region region = {
            .slot = i,
            .flags = KVM_MEM_LOG_DIRTY_PAGES,
            .guest_phys_addr = slots[i].address,
            .memory_size = size,
            .userspace_addr = (unsigned long)memory[i],
        };
        check(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
    }
    unsigned char *code = memory[0] + CODE; // written by us, not by the guest: the log does not have it
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        unsigned segment = (slots[written[i][0]].address + (unsigned long long)written[i][1] * PAGE) >> 4;
        unsigned char write[] = {
            0xb8, segment & 0xff, segment >> 8,       // mov ax, segment
            0x8e, 0xc0,                               // mov es, ax
            0x26, 0xc6, 0x06, 0x2a, 0x00, 0x01,       // mov byte [es:0x2a], 1
        };
        memcpy(code, write, sizeof write);
        code += sizeof write;
    }
    *code = 0xf4; // hlt

    int vcpu = check(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
    int size = check(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
    struct kvm_run *run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    struct kvm_sregs sregs;
    check(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
    sregs.cs.base = 0;
    sregs.cs.selector = 0;
    check(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
    struct kvm_regs regs = {.rip = CODE, .rflags = 2};
    check(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
    check(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
    if (run->exit_reason != KVM_EXIT_HLT) {
        fprintf(stderr, "exit %u, not KVM_EXIT_HLT\n", run->exit_reason);
        return 1;
    }
    for (int i = 0; i < 2; i++) {
        int bytes = (slots[i].pages + 63) / 64 * 8;
        unsigned char bitmap[64];
        memset(bitmap, 0xee, sizeof bitmap);
        struct kvm_dirty_log log = {.slot = i, .dirty_bitmap = bitmap};
        check(ioctl(vm, KVM_GET_DIRTY_LOG, &log), "KVM_GET_DIRTY_LOG");
        if (bitmap[bytes - 1] == 0xee || bitmap[bytes] != 0xee) {
            fprintf(stderr, "slot %d: not %d bytes\n", i, bytes);
            return 1;
        }
        for (int k = 0; k < bytes; k++) {
            printf("%02x", bitmap[k]);
        }
        printf("\n");
    }
    return 0;
}
