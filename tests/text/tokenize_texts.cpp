// Token ids of many texts, for comparisons with other implementations.
//   tokenize_texts FILE.gguf|tokenizer.json < TEXTS > IDS
// Texts are separated by NUL bytes; a line of ids for each. Control tokens written out in a text are parsed.
#include <qslip/tokenizer.hpp>

#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

#include "formats/gguf.hpp"
#include "json/json_read.hpp"

static qslip::result<qslip::tokenizer> open(const std::string& path) {
    const qslip::limits limits;
    if (path.ends_with(".json")) {
        QSLIP_TRY(const auto text, qslip::json_text::read_file(path, limits));
        return qslip::tokenizer::from_json(text.view(), {}, limits, path);
    }
    QSLIP_TRY(const auto file, qslip::gguf_file::open(path, limits));
    return qslip::tokenizer::from_gguf(file, limits);
}

static qslip::status print_ids(const qslip::tokenizer& tokenizer, std::string_view texts) {
    while (!texts.empty()) {
        const auto end = texts.find('\0');
        QSLIP_TRY(const auto ids, tokenizer.encode(texts.substr(0, end), {.parse_special = true}));
        std::string line;
        for (const auto id : ids) line += std::to_string(id) + ' ';
        std::puts(line.c_str());
        texts.remove_prefix(end == texts.npos ? texts.size() : end + 1);
    }
    return {};
}

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const std::string texts{std::istreambuf_iterator<char>(std::cin), {}};
    const auto tokenizer = open(argv[1]);
    const auto done = tokenizer.ok() ? print_ids(*tokenizer, texts) : tokenizer.status();
    if (!done.ok()) std::fprintf(stderr, "%s\n", std::string(done.message()).c_str());
    return done.ok() ? 0 : 1;
}
