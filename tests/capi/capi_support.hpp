#pragma once
// Helpers of the C ABI tests: only qslip.h and the system.
#include <doctest/doctest.h>
#include <qslip.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace capi_test {

inline qslip_error fresh_error() { return QSLIP_ERROR_INIT; }

/// Every misuse call goes through here, so that the suite can say how many there are.
inline int& n_misuses() {
    static int n = 0;
    return n;
}

/// A misuse: the call must give `expected`, with the same code and one line of text in the error.
template <class Call>
void expect(qslip_status expected, Call&& call) {
    ++n_misuses();
    auto err = fresh_error();
    const qslip_status got = call(&err);
    INFO("message: " << err.message);
    CHECK(std::string(qslip_status_name(got)) == qslip_status_name(expected));
    CHECK(err.code == got);
    CHECK((std::strlen(err.message) > 0) == (got != QSLIP_OK));
    CHECK(std::strchr(err.message, '\n') == nullptr);
    CHECK(call(static_cast<qslip_error*>(nullptr)) == expected);  // the same without an error struct
}

/// n elements that end (or start) exactly at a page nobody may touch.
template <class T>
class guarded {
public:
    explicit guarded(std::size_t n, bool at_start = false) {
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        const std::size_t body = (n * sizeof(T) + page - 1) / page * page;
        size_ = body + 2 * page;
        base_ = static_cast<char*>(
            mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        REQUIRE(base_ != MAP_FAILED);
        REQUIRE(mprotect(base_, page, PROT_NONE) == 0);
        REQUIRE(mprotect(base_ + page + body, page, PROT_NONE) == 0);
        data_ = reinterpret_cast<T*>(at_start ? base_ + page : base_ + page + body - n * sizeof(T));
    }
    ~guarded() { munmap(base_, size_); }
    guarded(const guarded&) = delete;
    guarded& operator=(const guarded&) = delete;
    T* data() { return data_; }

private:
    char* base_ = nullptr;
    std::size_t size_ = 0;
    T* data_ = nullptr;
};

inline std::string source_path(const std::string& path) {
    const char* root = std::getenv("QSLIP_SOURCE_DIR");
    REQUIRE(root != nullptr);
    return std::string(root) + "/" + path;
}

inline std::string source_file(const std::string& path) {
    std::ifstream file(source_path(path));
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

/// An accumulator with `n` positions of 5 logits in clusters of 2.
inline qslip_kl* small_kl(int n = 6) {
    qslip_kl* kl = nullptr;
    REQUIRE(qslip_kl_create(&kl, nullptr) == QSLIP_OK);
    for (int i = 0; i < n; ++i) {
        const float x = 0.25F * static_cast<float>(i);
        const float base[] = {1, 2 + x, 3, 0, -1}, cand[] = {1, 2, 3 + x, x, -1};
        REQUIRE(qslip_kl_add(kl, static_cast<std::uint64_t>(i / 2), base, 5, cand, 5, 1, 5, nullptr) ==
                QSLIP_OK);
    }
    return kl;
}

inline std::vector<unsigned char> saved(const qslip_kl* kl) {
    std::size_t n = 0;
    CHECK(qslip_kl_save(kl, nullptr, 0, &n, nullptr) == QSLIP_E_BUFFER);
    std::vector<unsigned char> bytes(n);
    std::size_t written = 0;
    CHECK(qslip_kl_save(kl, bytes.data(), bytes.size(), &written, nullptr) == QSLIP_OK);
    CHECK(written == n);
    return bytes;
}

}  // namespace capi_test
