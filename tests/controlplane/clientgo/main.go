// Command clientgo drives a server with client-go as an operator would: discovery, a shared informer,
// create, patch, server-side apply, delete. It prints what it saw and fails where client-go would be lost.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// step is one line of output: what client-go saw.
type step struct {
	Event string `json:"event"`
	Name  string `json:"name,omitempty"`
	Value string `json:"value,omitempty"`
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "where the server is")
	namespace := flag.String("namespace", "default", "where to write")
	flag.Parse()
	if err := exercise(*kubeconfig, *namespace); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func exercise(kubeconfig, namespace string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.ContentType = "application/json"
	config.AcceptContentTypes = "application/json"
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	finder, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return err
	}
	groups, resources, err := finder.ServerGroupsAndResources()
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(os.Stdout)
	var lock sync.Mutex
	show := func(line step) {
		lock.Lock()
		defer lock.Unlock()
		_ = encoder.Encode(line)
	}
	show(step{Event: "discovered", Value: fmt.Sprintf("%v", len(groups) > 10 && len(resources) > 10)})

	kind := schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(
		client, 0, namespace, func(options *metav1.ListOptions) { options.LabelSelector = "client-go=yes" })
	informer := factory.ForResource(kind).Informer()
	seen := make(chan string, 16)
	value := func(object any) (string, string) {
		item := object.(*unstructured.Unstructured)
		text, _, _ := unstructured.NestedString(item.Object, "data", "key")
		return item.GetName(), text
	}
	handle := func(event string, object any) {
		name, text := value(object)
		show(step{Event: event, Name: name, Value: text})
		seen <- event
	}
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { handle("added", object) },
		UpdateFunc: func(_, object any) { handle("updated", object) },
		DeleteFunc: func(object any) { handle("deleted", object) },
	}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return fmt.Errorf("the informer did not sync")
	}
	await := func(want string) error {
		select {
		case got := <-seen:
			if got != want {
				return fmt.Errorf("the informer saw %s instead of %s", got, want)
			}
			return nil
		case <-ctx.Done():
			return fmt.Errorf("the informer never saw %s", want)
		}
	}
	maps := client.Resource(kind).Namespace(namespace)
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "by-client-go", "labels": map[string]any{"client-go": "yes"}},
		"data":     map[string]any{"key": "created"},
	}}
	if _, err := maps.Create(ctx, object, metav1.CreateOptions{FieldManager: "creator"}); err != nil {
		return fmt.Errorf("create: %w", err)
	}
	if err := await("added"); err != nil {
		return err
	}
	patch := []byte(`{"data":{"key":"patched"}}`)
	if _, err := maps.Patch(ctx, "by-client-go", types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		return fmt.Errorf("patch: %w", err)
	}
	if err := await("updated"); err != nil {
		return err
	}
	applied := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "by-client-go", "labels": map[string]any{"client-go": "yes"}},
		"data":     map[string]any{"key": "applied"},
	}}
	if _, err := maps.Apply(ctx, "by-client-go", applied, metav1.ApplyOptions{FieldManager: "applier"}); err == nil {
		return fmt.Errorf("an apply over somebody else's field was not refused")
	} else {
		show(step{Event: "conflict", Value: err.Error()})
	}
	if _, err := maps.Apply(ctx, "by-client-go", applied, metav1.ApplyOptions{FieldManager: "applier", Force: true}); err != nil {
		return fmt.Errorf("forced apply: %w", err)
	}
	if err := await("updated"); err != nil {
		return err
	}
	if err := maps.Delete(ctx, "by-client-go", metav1.DeleteOptions{}); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return await("deleted")
}
