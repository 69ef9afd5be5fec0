// Any bytes as a GGUF file, read through every door: no crash, no memory beyond the file's size.
// libFuzzer entry point.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cstdint>
#include <string>
#include <vector>

#include "formats/gguf.hpp"

static void read_everything(const qslip::gguf_file& f) {
    for (std::size_t i = 0; i < f.n_keys(); ++i) {
        const auto key = f.entry(i).key;
        (void)f.get_uint(key).ok();
        (void)f.get_f32(key).ok();
        (void)f.get_bool(key).ok();
        (void)f.get_string(key).ok();
        if (const auto list = f.get_string_array(key))
            for (std::size_t j = 0; j < list->size(); ++j) (void)std::string((*list)[j]).size();
        (void)f.get_f32_array(key).ok();
        (void)f.get_i32_array(key).ok();
        (void)f.get_bool_array(key).ok();
    }
    for (const auto& t : f.tensors()) {
        std::vector<std::byte> bytes(t.size_bytes);
        if (!f.read_tensor(t, bytes).ok() || f.find_tensor(t.name) != &t) __builtin_trap();
    }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const int fd = ::memfd_create("gguf", 0);  // a regular file that never reaches a disk
    static const std::string path = "/proc/self/fd/" + std::to_string(fd);
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, data, size, 0) != static_cast<ssize_t>(size)) return 0;
    const auto f = qslip::gguf_file::open(path);
    if (f) read_everything(*f);
    if (!f && f.status().message()[0] == '\0') __builtin_trap();
    return 0;
}
