@echo off
rem What the Makefile does, on Windows: `.\build` makes the library beside plugin.json, where hosts look for it;
rem `.\build dist` puts what is to be shipped into dist. It takes cl (in a Developer Command Prompt), gcc or clang: the first that is there, or %CC%.
setlocal
cd /d "%~dp0"
if not defined CC for %%c in (clang.exe gcc.exe cl.exe) do if not "%%~$PATH:c"=="" set CC=%%~nc
if not defined CC (
  echo There is no C compiler on the PATH: run this in a Developer Command Prompt, or install gcc or clang. 1>&2
  exit /b 1
)
if "%CC%"=="cl" (
  if not exist build mkdir build
  cl /nologo /std:c11 /utf-8 /W4 /O2 /Z7 /LD /Fo:build\ plugin.c /link /DEBUG /OUT:my-plugin.dll /IMPLIB:build\my-plugin.lib
) else (
  %CC% -std=c11 -Wall -Wextra -O2 -g -shared -static -o my-plugin.dll plugin.c
)
if errorlevel 1 exit /b 1
if not "%~1"=="dist" exit /b 0
if not exist dist\my-plugin mkdir dist\my-plugin
copy /y plugin.json dist\my-plugin >nul && copy /y my-plugin.dll dist\my-plugin >nul
