#pragma once
#include <span>

double guest_kl_nats(std::span<const float> base, std::span<const float> cand);
