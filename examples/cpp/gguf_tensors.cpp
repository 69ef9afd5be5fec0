// What a GGUF file holds: gguf_tensors MODEL.gguf. Reads the header only.
#include <qslip/core/dtype.hpp>
#include <qslip/io/gguf.hpp>

#include <cstdio>

int main(int argc, char** argv) {
    if (argc != 2) return std::fprintf(stderr, "usage: gguf_tensors MODEL.gguf\n"), 2;
    const auto file = qslip::gguf_file::open(argv[1]);
    if (!file) return std::fprintf(stderr, "%s\n", file.status().message()), 2;
    std::uint64_t total_bytes = 0;
    for (const auto& tensor : file->tensors()) {
        std::printf("%-32s %12llu bytes at %llu\n", tensor.name.c_str(),
                    static_cast<unsigned long long>(tensor.size_bytes),
                    static_cast<unsigned long long>(tensor.offset));
        total_bytes += tensor.size_bytes;
    }
    std::printf("%zu tensors, %llu bytes\n", file->tensors().size(),
                static_cast<unsigned long long>(total_bytes));
    return 0;
}
