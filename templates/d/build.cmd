@echo off
rem What the Makefile does, on Windows: `.\build` makes the library beside plugin.json, where hosts look for it;
rem `.\build dist` puts what is to be shipped into dist. It takes ldc2.
setlocal
cd /d "%~dp0"
ldc2 -w -O2 -g -shared -J=. -od=build -of=my-plugin.dll plugin.d
if errorlevel 1 exit /b 1
if not "%~1"=="dist" exit /b 0
if not exist dist\my-plugin mkdir dist\my-plugin
copy /y plugin.json dist\my-plugin >nul && copy /y my-plugin.dll dist\my-plugin >nul
