// Where programs of a user keep their files, on each system: what the environment says, and what holds without it.

import { expect, test } from "vitest";
import { userPlacesOf } from "../../src/platform/user-places.ts";

test("Linux: by XDG's variables, where they are absolute", () => {
  const home = "/home/ada";
  const usual = { cache: "/home/ada/.cache", settings: "/home/ada/.config", unixSettings: "/home/ada/.config" };
  expect(userPlacesOf("linux", {}, home)).toEqual(usual);
  expect(userPlacesOf("linux", { XDG_CACHE_HOME: "cache", XDG_CONFIG_HOME: "" }, home)).toEqual(usual);
  expect(userPlacesOf("linux", { XDG_CACHE_HOME: "/c", XDG_CONFIG_HOME: "/s" }, home)).toEqual({
    cache: "/c",
    settings: "/s",
    unixSettings: "/s",
  });
});

test("macOS: in the user's Library, and as Unix has it for who does so there", () => {
  expect(userPlacesOf("macos", { XDG_CACHE_HOME: "/c", LOCALAPPDATA: "/l" }, "/Users/ada")).toEqual({
    cache: "/Users/ada/Library/Caches",
    settings: "/Users/ada/Library/Application Support",
    unixSettings: "/Users/ada/.config",
  });
});

test("Windows: by its own variables, and what they are without them", () => {
  const home = "C:\\Users\\Ada L";
  const usual = {
    cache: "C:\\Users\\Ada L\\AppData\\Local",
    settings: "C:\\Users\\Ada L\\AppData\\Roaming",
    unixSettings: "C:\\Users\\Ada L\\AppData\\Roaming",
  };
  expect(userPlacesOf("windows", {}, home)).toEqual(usual);
  expect(userPlacesOf("windows", { LOCALAPPDATA: "Local", APPDATA: "", XDG_CACHE_HOME: "C:\\x" }, home)).toEqual(usual);
  expect(userPlacesOf("windows", { LOCALAPPDATA: "D:\\l", APPDATA: "\\\\server\\r" }, home)).toEqual({
    cache: "D:\\l",
    settings: "\\\\server\\r",
    unixSettings: "\\\\server\\r",
  });
});
