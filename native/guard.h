// Turns anything thrown into a status and a text, so that nothing crosses the C boundary.
#pragma once

#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include "subband.h"

namespace subband {

// Keeps the text of this thread's last failure for sb_last_error.
void set_last_error(std::string text);

// Writes a text and its closing zero into a buffer, as much of it as has room.
void copy_text(const std::string& text, char* buffer, int32_t capacity);

// The category of an error by its text, since libtorch has one type for nearly everything.
sb_status classify(const std::string& text, sb_status otherwise);

template <typename Body>
sb_status guarded(Body&& body) noexcept {
  try {
    body();
    return SB_OK;
  } catch (const c10::Error& error) {
    set_last_error(error.what_without_backtrace());
    return classify(error.what_without_backtrace(), SB_BAD_ARGUMENT);
  } catch (const std::bad_alloc&) {
    set_last_error("out of memory");
    return SB_OUT_OF_MEMORY;
  } catch (const std::invalid_argument& error) {
    set_last_error(error.what());
    return SB_BAD_ARGUMENT;
  } catch (const std::out_of_range& error) {
    set_last_error(error.what());
    return SB_BAD_ARGUMENT;
  } catch (const std::exception& error) {
    set_last_error(error.what());
    return classify(error.what(), SB_INTERNAL);
  } catch (...) {
    set_last_error("something that is no std::exception was thrown");
    return SB_INTERNAL;
  }
}

}  // namespace subband
