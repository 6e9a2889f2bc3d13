// Command kube is the Kubernetes side of the test control plane in one program:
// `kube apiserver …`, `kube controller-manager …` and `kube kubectl …`.
//
// One program instead of three shares the linked code, so the build takes a third
// of the time and the disk. The same binary also answers to its own name: linked as
// `kube-apiserver`, `kube-controller-manager` or `kubectl` it needs no first argument.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register" // --logging-format=json
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func command(name string) *cobra.Command {
	switch name {
	case "apiserver", "kube-apiserver":
		return apiserver.NewAPIServerCommand()
	case "controller-manager", "kube-controller-manager":
		return controllermanager.NewControllerManagerCommand()
	case "kubectl":
		return kubectl.NewDefaultKubectlCommand()
	}
	return nil
}

func main() {
	if built := command(filepath.Base(os.Args[0])); built != nil {
		os.Exit(cli.Run(built))
	}
	if len(os.Args) > 1 {
		name := os.Args[1]
		if built := command(name); built != nil {
			os.Args = append([]string{name}, os.Args[2:]...)
			os.Exit(cli.Run(built))
		}
	}
	fmt.Fprintln(os.Stderr, "usage: kube apiserver|controller-manager|kubectl [flags]")
	os.Exit(2)
}
