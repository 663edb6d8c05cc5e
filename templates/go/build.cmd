@echo off
rem What the Makefile does, on Windows: `.\build` makes the library beside plugin.json, where hosts look for it;
rem `.\build dist` puts what is to be shipped into dist. It takes go and gcc.
setlocal
cd /d "%~dp0"
go build -buildmode=c-shared -buildvcs=false -o build\my-plugin.dll .
if errorlevel 1 exit /b 1
copy /y build\my-plugin.dll my-plugin.dll >nul
if errorlevel 1 exit /b 1
if not "%~1"=="dist" exit /b 0
if not exist dist\my-plugin mkdir dist\my-plugin
copy /y plugin.json dist\my-plugin >nul && copy /y my-plugin.dll dist\my-plugin >nul
